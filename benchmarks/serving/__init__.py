"""How fast a generated project answers, beside other ways to serve the same model."""
