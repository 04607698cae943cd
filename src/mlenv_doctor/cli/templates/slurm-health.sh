#!/bin/bash
# Takes a node out of service when something is broken on it. Written by `mlenv-doctor init slurm-health`; it is yours to change.
#
# Put it on every node, and into slurm.conf:
#
#   HealthCheckProgram=/etc/slurm/mlenv-doctor-health.sh
#   HealthCheckInterval=300
#   HealthCheckNodeState=ANY
#
# Slurm ends it after 60 seconds; it answers within 45. Where it cannot tell it changes nothing.

set -u
PATH=$PATH:/usr/local/bin:/opt/slurm/bin

node=${SLURMD_NODENAME:-$(uname -n)}
node=${node%%.*}

code=0
said=$(timeout -k 2 45 mlenv-doctor check system gpu --quick --budget 40 --nagios 2>/dev/null </dev/null) || code=$?
[ "$code" -eq 2 ] || exit 0 # 2 is CRITICAL: something is broken

line=${said%%$'\n'*}                                                     # the first line is a summary,
reason=$(printf '%s' "${line%%|*}" | LC_ALL=C tr -cd ' -~' | cut -c1-200) # of which the numbers are cut off
exec scontrol update "nodename=$node" state=drain "reason=$reason"
