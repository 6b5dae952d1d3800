"""What `copier copy` gives."""
