"""The files of a project: exactly these."""

from __future__ import annotations

from typing import Any

# With Kubernetes.
DEPLOY = {
    "deploy/kubernetes/base/serve/kustomization.yaml",
    "deploy/kubernetes/base/serve/serve.yaml",
    "deploy/kubernetes/base/train/kustomization.yaml",
    "deploy/kubernetes/base/train/train.yaml",
    "deploy/kubernetes/components/kserve/kustomization.yaml",
    "deploy/kubernetes/components/kserve/names.yaml",
    "deploy/kubernetes/components/retrain/cron-job.yaml",
    "deploy/kubernetes/components/retrain/kustomization.yaml",
    "deploy/kubernetes/overlays/dev/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/dev/train/kustomization.yaml",
    "deploy/kubernetes/overlays/prod/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/prod/train/kustomization.yaml",
    "deploy/kubernetes/overlays/test/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/test/train/kustomization.yaml",
}

# With Kubernetes and the storage `local`, which a cluster has to mount.
CLAIMS = {
    "deploy/kubernetes/base/claims/claims.yaml",
    "deploy/kubernetes/base/claims/kustomization.yaml",
}

SHARED = {
    ".copier-answers.yml",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    "README.md",
    "mldock.json",
    "noxfile.py",
    "payload.csv",
    "payload.json",
    "pyproject.toml",
    "requirements-dev.txt",
    "src/apt.txt",
    "src/container/Dockerfile",
    "src/container/__init__.py",
    "src/container/assets.py",
    "src/container/executor.sh",
    "src/container/prediction/__init__.py",
    "src/container/prediction/nginx.conf",
    "src/container/prediction/predictor.py",
    "src/container/prediction/serve.py",
    "src/container/prediction/wsgi.py",
    "src/container/requirements.txt",
    "src/container/training/__init__.py",
    "src/container/training/train.py",
    "src/prediction.py",
    "src/requirements.lock",
    "src/requirements.txt",
    "src/trainer.py",
    "tests/contract/conftest.py",
    "tests/contract/docker-compose.yml",
    "tests/contract/test_container.py",
    "tests/contract/test_image.py",
    "tests/test_prediction.py",
    "tests/test_trainer.py",
    "wheels/README.md",
}

# By the answer `ci`; a release takes the image to a platform.
CI: dict[str, set[str]] = {
    "github": {".github/dependabot.yml", ".github/workflows/project.yml"},
    "gitlab": {".gitlab-ci.yml"},
    "none": set(),
}
RELEASE = ".github/workflows/release.yml"

# With Kubernetes and PyTorch.
PYTORCHJOB = {
    "deploy/kubernetes/components/pytorchjob/kustomization.yaml",
    "deploy/kubernetes/components/pytorchjob/names.yaml",
}

OWN = {
    "generic": {
        "data/training/flowers.csv",
    },
    "pytorch": {
        "data/training/digits.csv",
        "src/dataset.py",
        "src/network.py",
    },
    "sklearn": {
        "data/training/tumors.csv",
    },
}


def expected_files(answers: dict[str, Any]) -> set[str]:
    """Return the paths of all files of a project with these answers, which are complete."""
    template, deploy = answers["template"], answers["deploy"]
    found = SHARED | OWN[template] | CI[answers["ci"]]
    if deploy != "docker" and answers["ci"] == "github":
        found |= {RELEASE}
    if "kubernetes" in deploy:
        found |= DEPLOY
        found |= CLAIMS if answers["storage"] == "local" else set()
        found |= PYTORCHJOB if template == "pytorch" else set()
    return found
