{{/* What the schema cannot say, or says badly. The schema lets the slips of files/slips.yaml through to here. */}}

{{- define "novacron.validate" -}}
{{- include "novacron.validate.slips" . -}}
{{- include "novacron.validate.secrets" . -}}
{{- range (include "novacron.pools" . | fromYaml).pools -}}
{{- include "novacron.validate.pool" (dict "root" $ "pool" .) -}}
{{- end -}}
{{- include "novacron.validate.whole" . -}}
{{- end -}}

{{/* Fails where a path of keys leads to something. (dict "at" map "path" list "said" "" "meant" "") */}}
{{- define "novacron.validate.path" -}}
{{- $key := first .path -}}
{{- $rest := rest .path -}}
{{- if kindIs "map" .at -}}
{{- $meant := .meant -}}
{{- $said := .said -}}
{{- $names := ternary (keys .at | sortAlpha) (list $key) (eq $key "*") -}}
{{- $at := .at -}}
{{- range $name := $names -}}
{{- if hasKey $at $name -}}
{{- $whole := append $said $name -}}
{{- if $rest -}}
{{- include "novacron.validate.path" (dict "at" (index $at $name) "path" $rest "said" $whole "meant" $meant) -}}
{{- else -}}
{{- fail (printf "values: there is no key %s: it is %s" (join "." $whole) $meant) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "novacron.validate.slips" -}}
{{- range $path, $meant := .Files.Get "files/slips.yaml" | fromYaml -}}
{{- include "novacron.validate.path" (dict "at" $.Values "path" (splitList "." $path) "said" list "meant" $meant) -}}
{{- end -}}
{{- end -}}

{{- define "novacron.validate.secrets" -}}
{{- $root := . -}}
{{- range $name := list "database" "redis" "adminToken" -}}
{{- $value := index $root.Values $name -}}
{{- if not (or $value.existingSecret $root.Values.trial.enabled) -}}
{{- fail (printf "values: %s.existingSecret names no Secret. Make one: kubectl create secret generic NAME --from-literal=%s=... (or try things with trial.enabled=true)" $name $value.key) -}}
{{- end -}}
{{- end -}}
{{- range .Values.backends -}}
{{- if and .api_token (not (regexMatch "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" .api_token)) -}}
{{- fail (printf "values: api_token of the backend %s is not ${NAME}: the token itself goes into a Secret, and that into secretEnv of the pool" .name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.kek.existingSecret .Values.kek.url -}}
{{- fail "values: kek.existingSecret and kek.url are both set: leave out one of them" -}}
{{- end -}}
{{- if and .Values.kek.url (not .Values.kek.token.existingSecret) -}}
{{- fail "values: kek.url needs kek.token.existingSecret, a Secret with the token for that server" -}}
{{- end -}}
{{- if and .Values.tls.mode (not .Values.tls.existingSecrets) -}}
{{- fail (printf "values: tls.mode %s needs tls.existingSecrets, Secrets of the type kubernetes.io/tls" .Values.tls.mode) -}}
{{- end -}}
{{- if and .Values.flower.enabled (not .Values.flower.existingSecret) -}}
{{- fail "values: flower.enabled needs flower.existingSecret, a Secret with user:password; without a login it would show everybody every message" -}}
{{- end -}}
{{- end -}}

{{- define "novacron.validate.pool" -}}
{{- $name := printf "workerPools.%s" .pool.name -}}
{{- $pool := .pool -}}
{{- $values := .root.Values -}}
{{- if not $pool.queue -}}
{{- fail (printf "values: %s has no queue: a pool serves one queue, as queue: cpu-sim" $name) -}}
{{- end -}}
{{- if le (int $pool.terminationGracePeriodSeconds) 45 -}}
{{- fail (printf "values: %s.terminationGracePeriodSeconds is %v: it must be above 45, since a worker takes 30 s to give its tasks back and 15 s to end" $name $pool.terminationGracePeriodSeconds) -}}
{{- end -}}
{{- $scaling := $pool.autoscaling -}}
{{- if ne $scaling.kind "none" -}}
{{- if gt (int $scaling.min) (int $scaling.max) -}}
{{- fail (printf "values: %s.autoscaling.min is %v, above its max of %v" $name $scaling.min $scaling.max) -}}
{{- end -}}
{{- if and (eq $scaling.kind "hpa") (lt (int $scaling.min) 1) -}}
{{- fail (printf "values: %s.autoscaling.min is 0: only autoscaling.kind keda scales to nothing" $name) -}}
{{- end -}}
{{- if and (eq $scaling.kind "keda") (eq $scaling.source "prometheus") (not $scaling.prometheusAddress) -}}
{{- fail (printf "values: %s.autoscaling.source prometheus needs autoscaling.prometheusAddress" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $pool.queue "crypto") (not (or $values.kek.existingSecret $values.kek.url $values.trial.enabled)) -}}
{{- fail (printf "values: %s serves the queue crypto, which needs a key-encryption key: kek.existingSecret or kek.url" $name) -}}
{{- end -}}
{{- if and $pool.egress.fqdns $values.networkPolicy.enabled (eq $values.networkPolicy.fqdn "none") -}}
{{- fail (printf "values: %s.egress.fqdns needs networkPolicy.fqdn cilium; the NetworkPolicy of Kubernetes knows networks alone: egress.cidrs" $name) -}}
{{- end -}}
{{- range $variable := list "NOVACRON_KEK" "NOVACRON_KEK_FILE" "NOVACRON_KEK_URL" "NOVACRON_KEK_TOKEN_FILE" -}}
{{- if or (hasKey $pool.extraEnv $variable) (hasKey $pool.secretEnv $variable) (hasKey $values.extraEnv $variable) -}}
{{- fail (printf "values: %s is set by the chart in pools of the queue crypto alone: kek.existingSecret or kek.url" $variable) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "novacron.validate.whole" -}}
{{- $queues := splitList "," (include "novacron.queues" (dict "root" .)) -}}
{{- range .Values.scheduler.requiredQueues -}}
{{- if not (has . $queues) -}}
{{- fail (printf "values: scheduler.requiredQueues names the queue %s, which no pool of workerPools serves" .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.metrics.enabled (eq (int .Values.metrics.port) (int .Values.scheduler.port)) -}}
{{- fail (printf "values: metrics.port and scheduler.port are both %v: metrics are not for whoever reaches the API" .Values.metrics.port) -}}
{{- end -}}
{{- range $server := list "postgres" "redis" -}}
{{- if and $.Values.trial.enabled (gt (int (index $.Values.trial $server).replicas) 1) -}}
{{- fail (printf "values: trial.%s.replicas is %v: it is one server without replication; for more, run one of your own and name it in %s.existingSecret" $server (index $.Values.trial $server).replicas (ternary "database" "redis" (eq $server "postgres"))) -}}
{{- end -}}
{{- end -}}
{{- range $kind := list "serviceMonitor" "podMonitor" "prometheusRule" -}}
{{- if and (index $.Values.metrics $kind).enabled (not $.Values.metrics.enabled) -}}
{{- fail (printf "values: metrics.%s.enabled needs metrics.enabled" $kind) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "values: ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "values: httpRoute.enabled needs httpRoute.parentRefs, as [{name: gateway}]" -}}
{{- end -}}
{{- end -}}
