"""A cinema's box office: screenings, and seats booked for a fee."""
