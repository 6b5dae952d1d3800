"""What a person is told: error messages have an entry, options have a help text."""
