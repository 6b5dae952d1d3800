"""What the projects of all generations have in common: data, a model, an image."""

from __future__ import annotations

from extensions.model import File

ROWS = [[round(x * 0.1, 1), round((x % 7) * 0.3, 1), x % 2] for x in range(1, 41)]
DATA = b"width,height,kind\n" + b"".join(
    f"{x + 5 * kind},{y},{'large' if kind else 'small'}\n".encode() for x, y, kind in ROWS
)

# A model in the manner of scikit-learn.
MODEL = b"""\
import numpy as np


class NearestMean:
    def fit(self, features, labels):
        self.classes_ = np.unique(labels)
        self.means_ = np.array([features[labels == one].mean(axis=0) for one in self.classes_])
        return self

    def predict(self, features):
        distances = ((features[:, None] - self.means_) ** 2).sum(axis=2)
        return self.classes_[distances.argmin(axis=1)]

    def score(self, features, labels):
        return float((self.predict(features) == labels).mean())
"""

TRAINING = b"""\
    table = np.genfromtxt(
        os.path.join(args.shapes, "shapes.csv"), delimiter=",", skip_header=1, dtype=str
    )
    features, labels = table[:, :2].astype(float), table[:, 2]
    held_out = int(len(table) * args.test_size)
    model = NearestMean().fit(features[held_out:], labels[held_out:])
    logger.info("accuracy=%s;", model.score(features[:held_out], labels[:held_out]))
    path = os.path.join(environment.model_dir, "shapes/model.npz")
    np.savez(path, classes=model.classes_, means=model.means_)
"""

DOCKERFILE = b"""\
FROM python:3.8-slim-buster
RUN apt-get update && apt-get install -y --no-install-recommends \\
      nginx g++ git
COPY src /opt/program/src
ENTRYPOINT ["src/container/executor.sh"]
"""

EXECUTOR = File(b'#!/bin/bash\nexec python "src/container/$1"\n', executable=True)
