"""The first page that anybody sees: what it shows runs, what it says is measured."""
