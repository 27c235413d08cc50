"""Panel files, county files, Word and spreadsheets: data in, bytes out."""
