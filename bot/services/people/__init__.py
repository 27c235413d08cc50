"""Use cases of people: enrolment, places, deputies, changes of details, lists and attendance."""
