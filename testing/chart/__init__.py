"""The Helm chart in deploy/helm/novacron: rendered by Helm, judged by schemas of Kubernetes, written down."""
