# shellcheck shell=bash
# What the tools share when they meet a host: where the repository is, how they speak, what they install.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
export repo

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# need PROGRAM=PACKAGE...: installs the packages of the programs that are missing; quiet when none is.
# A PROGRAM that is an absolute path may be any file.
need() {
    local pair program packages=() as=()
    for pair; do
        program=${pair%%=*}
        [[ $program = /* && -e $program ]] || PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || packages+=("${pair#*=}")
    done
    [ ${#packages[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || die "this machine lacks ${packages[*]}, and only root can add it." \
            "As root, run: apt-get install ${packages[*]}"
        as=(sudo -n)
    fi
    say "installing ${packages[*]}"
    {
        "${as[@]}" apt-get -q update &&
            "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${packages[@]}"
    } >&2 || die "apt could not install ${packages[*]}; its messages are above"
}
