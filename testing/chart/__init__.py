"""The Helm chart in deploy/helm/novacron: rendered by Helm, validated by Kubernetes schemas, documented."""
