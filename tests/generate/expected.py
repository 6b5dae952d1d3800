"""The files of a project: exactly these."""

from __future__ import annotations

DEPLOY = {
    "deploy/kubernetes/base/serve/autoscaler.yaml",
    "deploy/kubernetes/base/serve/deployment.yaml",
    "deploy/kubernetes/base/serve/disruption-budget.yaml",
    "deploy/kubernetes/base/serve/kustomization.yaml",
    "deploy/kubernetes/base/serve/network-policy.yaml",
    "deploy/kubernetes/base/serve/service-account.yaml",
    "deploy/kubernetes/base/serve/service.yaml",
    "deploy/kubernetes/base/train/job.yaml",
    "deploy/kubernetes/base/train/kustomization.yaml",
    "deploy/kubernetes/base/train/network-policy.yaml",
    "deploy/kubernetes/base/train/service-account.yaml",
    "deploy/kubernetes/base/train/service.yaml",
    "deploy/kubernetes/components/kserve/kustomization.yaml",
    "deploy/kubernetes/components/kserve/pod/inference-service.yaml",
    "deploy/kubernetes/components/kserve/pod/kustomization.yaml",
    "deploy/kubernetes/components/kserve/pod/names.yaml",
    "deploy/kubernetes/components/retrain/kustomization.yaml",
    "deploy/kubernetes/components/retrain/pod/cron-job.yaml",
    "deploy/kubernetes/components/retrain/pod/kustomization.yaml",
    "deploy/kubernetes/overlays/dev/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/dev/train/kustomization.yaml",
    "deploy/kubernetes/overlays/prod/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/prod/train/kustomization.yaml",
    "deploy/kubernetes/overlays/test/serve/kustomization.yaml",
    "deploy/kubernetes/overlays/test/train/kustomization.yaml",
}

# With the storage `local`, which a cluster has to mount.
CLAIMS = {
    "deploy/kubernetes/base/claims/claims.yaml",
    "deploy/kubernetes/base/claims/kustomization.yaml",
}

SHARED = {
    *DEPLOY,
    ".copier-answers.yml",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".gitignore",
    ".pre-commit-config.yaml",
    "README.md",
    "mldock.json",
    "noxfile.py",
    "payload.csv",
    "payload.json",
    "pyproject.toml",
    "requirements-dev.txt",
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
    "tests/__init__.py",
    "tests/contract/conftest.py",
    "tests/contract/docker-compose.yml",
    "tests/contract/test_container.py",
    "tests/contract/test_image.py",
    "tests/test_prediction.py",
    "tests/test_trainer.py",
    "wheels/README.md",
}

# By the answer `ci`.
CI: dict[str, set[str]] = {
    "github": {
        ".github/dependabot.yml",
        ".github/workflows/project.yml",
        ".github/workflows/release.yml",
    },
    "gitlab": {".gitlab-ci.yml"},
    "none": set(),
}

OWN = {
    "generic": {
        "data/training/flowers.csv",
    },
    "pytorch": {
        "data/training/digits.csv",
        "deploy/kubernetes/components/pytorchjob/kustomization.yaml",
        "deploy/kubernetes/components/pytorchjob/pod/kustomization.yaml",
        "deploy/kubernetes/components/pytorchjob/pod/names.yaml",
        "deploy/kubernetes/components/pytorchjob/pod/pytorch-job.yaml",
        "src/checkpoint.py",
        "src/dataset.py",
        "src/distributed.py",
        "src/launcher.py",
        "src/network.py",
        "tests/test_checkpoint.py",
        "tests/test_distributed.py",
        "tests/test_network.py",
    },
    "sklearn": {
        "data/training/tumors.csv",
        "src/classifier.py",
        "src/cluster.py",
        "src/compiled.py",
        "tests/test_classifier.py",
        "tests/test_cluster.py",
        "tests/test_compiled.py",
    },
}
