"""Files read and written: panel definitions, county files, calendars, Word documents and spreadsheets."""
