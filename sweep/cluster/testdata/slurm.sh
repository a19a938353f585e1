#!/usr/bin/env bash
# A Slurm of one machine, for tests: its own key, ports and directories, on loopback, without systemd. Run as root.
# Installs Debian's packages if they are missing.
# usage: sweep/cluster/testdata/slurm.sh up DIR        starts it; then export SLURM_CONF=DIR/slurm.conf
#        sweep/cluster/testdata/slurm.sh restart DIR   kills the node's daemon and starts it again
#        sweep/cluster/testdata/slurm.sh down DIR      stops it
set -euo pipefail
what=${1:?up, restart or down} dir=${2:?a directory}
export SLURM_CONF=$dir/slurm.conf
cpus=4 # the number that Slurm is told: tests wait more than they compute

stop() { # NAME [SIGNAL]: ends the daemon whose process number NAME.pid holds
    local pid
    pid=$(cat "$dir/$1.pid" 2>/dev/null) || return 0
    kill "${2:--TERM}" "$pid" 2>/dev/null || return 0
    for _ in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
}

install() {
    if ! command -v slurmctld slurmd sbatch munged >/dev/null; then
        echo "slurm: installing Debian's packages slurmctld, slurmd, slurm-client and munge (once)" >&2
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends slurmctld slurmd slurm-client munge >&2
    fi
}

free_port() { # prints the first of two neighbouring ports that nobody listens on: a test that was killed leaves daemons
    local port
    for port in $(seq 16827 2 17027); do
        if ! (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null && ! (: < "/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    echo "slurm: no port from 16827 to 17027 is free" >&2
    return 1
}

configure() {
    local port
    port=$(free_port)
    mkdir -p "$dir"/{state,spool,log,munge}
    chmod 700 "$dir/munge"
    (umask 077 && head -c 128 /dev/urandom > "$dir/munge/key")
    cat > "$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldDebug=debug
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobRequeue=1
KillWait=20
SlurmdTimeout=5
MinJobAge=300
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=4000 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=node Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=node MaxTime=INFINITE State=UP PriorityTier=2
END
}

idle() {
    local state
    for _ in $(seq 600); do
        state=$(sinfo --noheader --format=%T 2>/dev/null) || true
        case $state in idle|mixed|allocated|completing) return 0 ;; esac # completing: up, and ending an earlier job
        sleep 0.1
    done
    echo "slurm: the node did not start, its state is ${state:-unknown}:" >&2
    tail -n 20 "$dir"/log/*.log >&2
    return 1
}

case $what in
up)
    install
    configure
    munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munged.pid" \
        --log-file="$dir/log/munged.log" --seed-file="$dir/munge/seed" --num-threads=2
    slurmctld -f "$SLURM_CONF" -c
    slurmd -f "$SLURM_CONF" -N node
    idle
    ;;
restart)
    stop slurmd -KILL
    slurmd -f "$SLURM_CONF" -N node
    idle
    ;;
down)
    stop slurmd
    stop slurmctld
    stop munged
    ;;
esac
