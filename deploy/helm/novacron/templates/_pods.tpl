{{/* What every pod has: no links, no token, no privileges. (dict "root" $) */}}
{{- define "novacron.podBasics" -}}
serviceAccountName: {{ include "novacron.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "novacron.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Where a pod goes. (dict "root" $ "what" values "component" "" "pool" "") */}}
{{- define "novacron.placement" -}}
{{- $gpu := default dict .what.gpu -}}
{{- $gpus := int (default 0 $gpu.count) -}}
{{- $nodes := deepCopy .what.nodeSelector -}}
{{- $tolerations := .what.tolerations -}}
{{- if $gpus -}}
{{- $nodes = merge $nodes (default dict $gpu.nodeSelector) -}}
{{- $tolerations = append $tolerations (dict "key" $gpu.resource "operator" "Exists" "effect" "NoSchedule") -}}
{{- end -}}
{{- with $nodes }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .what.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and $gpus .what.runtimeClassName }}
runtimeClassName: {{ .what.runtimeClassName }}
{{- end }}
{{- with .what.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .what.spreadOver }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .what.spreadOver }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "novacron.selector" . | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{/* A value as text, whole numbers without an exponent. */}}
{{- define "novacron.plain" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{/* Variables of a map NAME: value or NAME: {valueFrom: ...}. */}}
{{- define "novacron.variables" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  value: {{ include "novacron.plain" $value | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What is said to every process of NovaCron. */}}
{{- define "novacron.env" -}}
- name: NOVACRON_DATABASE_URL_FILE
  value: /run/secrets/novacron/database-url
- name: NOVACRON_REDIS_URL_FILE
  value: /run/secrets/novacron/redis-url
- name: NOVACRON_KEY_PREFIX
  value: {{ include "novacron.keyPrefix" . | quote }}
{{- if .Values.backends }}
- name: NOVACRON_BACKENDS_FILE
  value: /etc/novacron/backends.yaml
{{- end }}
{{- if .Values.pqCrypto }}
- name: NOVACRON_PQ_CRYPTO_FILE
  value: /etc/novacron/pq-crypto.yaml
{{- end }}
{{- if .Values.metrics.enabled }}
- name: NOVACRON_METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
{{- if .Values.metrics.existingSecret }}
- name: NOVACRON_METRICS_TOKEN_FILE
  value: /run/secrets/novacron/metrics-token
{{- end }}
{{- end }}
{{- if and .Values.flower.enabled (not (hasKey .Values.settings "task_events")) }}
- name: NOVACRON_TASK_EVENTS
  value: "true"
{{- end }}
{{- with .Values.tracing }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
{{- if .headers.existingSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef: {name: {{ .headers.existingSecret }}, key: {{ .headers.key }}}
{{- end }}
{{- if .sampler }}
- name: OTEL_TRACES_SAMPLER
  value: {{ .sampler | quote }}
{{- end }}
{{- if .samplerArg }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .samplerArg | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: NOVACRON_{{ upper $name }}
  value: {{ include "novacron.plain" $value | quote }}
{{- end }}
{{- include "novacron.variables" .Values.extraEnv }}
{{- end -}}

{{- define "novacron.configured" -}}
{{- if or .Values.backends .Values.pqCrypto }}true{{ end -}}
{{- end -}}

{{/* What goes into the pod's annotations so that it starts anew when its files change. */}}
{{- define "novacron.podAnnotations" -}}
{{- if include "novacron.configured" .root }}
novacron.io/configuration: {{ list .root.Values.backends .root.Values.pqCrypto | toJson | sha256sum | trunc 16 }}
{{- end }}
{{- with merge (dict) (default dict .more) .root.Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The Secrets that every process needs, as files of one volume; "token" adds the operator's, "metrics" that of metrics. */}}
{{- define "novacron.secretsVolume" -}}
{{- $database := include "novacron.secret" (dict "root" .root "name" "database") | fromJson -}}
{{- $redis := include "novacron.secret" (dict "root" .root "name" "redis") | fromJson -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $database.name }}
          items: [{key: {{ $database.key }}, path: database-url}]
      - secret:
          name: {{ $redis.name }}
          items: [{key: {{ $redis.key }}, path: redis-url}]
      {{- if and .metrics .root.Values.metrics.enabled .root.Values.metrics.existingSecret }}
      - secret:
          name: {{ .root.Values.metrics.existingSecret }}
          items: [{key: {{ .root.Values.metrics.key }}, path: metrics-token}]
      {{- end }}
      {{- if .token }}
      {{- $token := include "novacron.secret" (dict "root" .root "name" "adminToken") | fromJson }}
      - secret:
          name: {{ $token.name }}
          items: [{key: {{ $token.key }}, path: admin-token}]
      {{- end }}
{{- end -}}

{{- define "novacron.volumes" -}}
{{ include "novacron.secretsVolume" (merge (dict "metrics" true) .) }}
{{- if include "novacron.configured" .root }}
- name: configuration
  configMap:
    name: {{ include "novacron.fullname" .root }}
{{- end }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: {{ .scratch.tmp }}}
- name: shm
  emptyDir: {medium: Memory, sizeLimit: {{ .scratch.shm }}}
{{- end -}}

{{- define "novacron.mounts" -}}
- name: secrets
  mountPath: /run/secrets/novacron
  readOnly: true
{{- if include "novacron.configured" . }}
- name: configuration
  mountPath: /etc/novacron
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
- name: shm
  mountPath: /dev/shm
{{- end -}}

{{/* Waits until the database has the schema of this release, or a newer one. (dict "root" $ "image" "worker") */}}
{{- define "novacron.waitForSchema" -}}
- name: wait-for-schema
  image: {{ include "novacron.image" . }}
  imagePullPolicy: {{ (index .root.Values.images .image).pullPolicy }}
  command: [python, -m, shared.db.migrate, --wait, {{ .root.Values.migrations.waitSeconds | quote }}]
  env:
    - name: NOVACRON_DATABASE_URL_FILE
      value: /run/secrets/novacron/database-url
    {{- with include "novacron.variables" .root.Values.extraEnv | trim }}{{ . | nindent 4 }}{{ end }}
  securityContext:
    {{- include "novacron.containerSecurity" . | nindent 4 }}
  resources:
    requests: {cpu: 50m, memory: 64Mi}
    limits: {memory: 256Mi}
  volumeMounts:
    - name: secrets
      mountPath: /run/secrets/novacron
      readOnly: true
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{/* Copies secret keys to where they are the user's alone: a mounted Secret is its group's, too, and strict settings
     refuse that. (dict "root" $ "image" "worker" "from" "kek-secret" "to" "kek") */}}
{{- define "novacron.ownKeys" -}}
- name: {{ .to }}
  image: {{ include "novacron.image" . }}
  imagePullPolicy: {{ (index .root.Values.images .image).pullPolicy }}
  command:
    - python
    - -c
    - |
      import os, pathlib
      os.umask(0o077)
      for file in pathlib.Path("/given").iterdir():
          if file.is_file():
              pathlib.Path("/own", file.name).write_bytes(file.read_bytes())
  securityContext:
    {{- include "novacron.containerSecurity" . | nindent 4 }}
  resources:
    requests: {cpu: 50m, memory: 32Mi}
    limits: {memory: 128Mi}
  volumeMounts:
    - name: {{ .from }}
      mountPath: /given
      readOnly: true
    - name: {{ .to }}
      mountPath: /own
{{- end -}}
