"""One image goes through every place that the product promises."""
