{{/* Names and labels. Every name leaves room for what is put behind it. */}}

{{- define "novacron.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "novacron.fullname" -}}
{{- $name := include "novacron.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "novacron.serviceAccountName" -}}
{{- default (ternary (include "novacron.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* What selects pods never changes in an upgrade. (dict "root" $ "component" "scheduler" "pool" "") */}}
{{- define "novacron.selector" -}}
app.kubernetes.io/name: {{ include "novacron.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
novacron.io/pool: {{ . }}
{{- end }}
{{- end -}}

{{- define "novacron.labels" -}}
{{ include "novacron.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: novacron
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "novacron.image" -}}
{{- $image := index .root.Values.images .image -}}
{{- with .root.Values.imageRegistry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{- define "novacron.keyPrefix" -}}
{{- default (printf "%s.%s:" .Release.Namespace .Release.Name | trunc 64) .Values.keyPrefix -}}
{{- end -}}

{{/* The Secrets, where the trial's own take the place of those that are not named. */}}
{{- define "novacron.secret" -}}
{{- $value := index .root.Values .name -}}
{{- if $value.existingSecret -}}
{{- dict "name" $value.existingSecret "key" $value.key | toJson -}}
{{- else -}}
{{- dict "name" (printf "%s-trial" (include "novacron.fullname" .root)) "key" (kebabcase .name) | toJson -}}
{{- end -}}
{{- end -}}
