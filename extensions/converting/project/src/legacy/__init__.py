"""Code that was written for mldock; `src/trainer.py` and `src/prediction.py` call it."""
