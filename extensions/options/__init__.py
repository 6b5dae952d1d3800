"""What a person decides: values, new questions, and all of it as a record."""
