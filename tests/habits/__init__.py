"""What people find around the code, and how they change it."""
