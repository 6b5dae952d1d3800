"""What stands in the way of `copier update`, and what else is not as it should be."""
