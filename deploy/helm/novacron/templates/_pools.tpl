{{/* A pool with what it inherits, as YAML. (dict "root" $ "name" "cpu" "pool" {...}) */}}
{{- define "novacron.pool" -}}
{{- mergeOverwrite (deepCopy .root.Values.workerDefaults) (deepCopy .pool) (dict "name" .name) | toYaml -}}
{{- end -}}

{{/* All pools that are there, as a YAML list under `pools`. */}}
{{- define "novacron.pools" -}}
{{- $root := . -}}
{{- $pools := list -}}
{{- range $name, $pool := .Values.workerPools -}}
{{- if $pool -}}
{{- $whole := include "novacron.pool" (dict "root" $root "name" $name "pool" $pool) | fromYaml -}}
{{- if $whole.enabled -}}{{- $pools = append $pools $whole -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "pools" $pools | toYaml -}}
{{- end -}}

{{/* Queues that have a pool, or with "always" those with one that never scales to nothing; sorted, with commas. */}}
{{- define "novacron.queues" -}}
{{- $always := .always -}}
{{- $queues := list -}}
{{- range (include "novacron.pools" .root | fromYaml).pools -}}
{{- $fewest := ternary .replicas .autoscaling.min (eq .autoscaling.kind "none") -}}
{{- if or (not $always) (gt (int $fewest) 0) -}}{{- $queues = append $queues .queue -}}{{- end -}}
{{- end -}}
{{- $queues | uniq | sortAlpha | join "," -}}
{{- end -}}

{{- define "novacron.requiredQueues" -}}
{{- if kindIs "slice" .Values.scheduler.requiredQueues -}}
{{- join "," .Values.scheduler.requiredQueues -}}
{{- else -}}
{{- include "novacron.queues" (dict "root" . "always" true) -}}
{{- end -}}
{{- end -}}

{{/* What part of its queue's work a pool takes at full size: two pools of a queue do not both grow for all of it. */}}
{{- define "novacron.share" -}}
{{- $pool := .pool -}}
{{- $all := 0 -}}
{{- range (include "novacron.pools" .root | fromYaml).pools -}}
{{- if eq .queue $pool.queue -}}
{{- $most := ternary .replicas .autoscaling.max (eq .autoscaling.kind "none") -}}
{{- $all = add $all (mul $most .concurrency) -}}
{{- end -}}
{{- end -}}
{{- divf (mul $pool.autoscaling.max $pool.concurrency) $all | printf "%.4f" -}}
{{- end -}}
