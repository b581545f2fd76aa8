"""Work without a person: the timetable and the claims on due work."""
