"""The tests of the templates; the folders mirror what a template goes through."""
