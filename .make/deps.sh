#!/bin/sh
# deps.sh "TOOLS" "REQUIRED" "OPTIONAL": programs on the PATH, pkg-config modules without which nothing is built, and those that
# are wanted too. Does nothing when all are there; else installs the packages, or prints their names.
deb="build-essential pkg-config libncurses-dev libmd4c-dev libjansson-dev libhwloc-dev libpapi-dev gnuplot-nox fonts-dejavu-core
python3 perl tmux jq gettext"
parts="openmpi-bin libopenmpi-dev ocl-icd-opencl-dev opencl-headers pocl-opencl-icd libcurl4-openssl-dev libmicrohttpd-dev liburing-dev"
check="chromium iproute2 slurmctld slurmd slurm-client munge"
dnf="gcc make pkgconf {ncurses,md4c,jansson,hwloc,papi,openmpi,libcurl,libmicrohttpd,liburing,ocl-icd}-devel pocl
gnuplot python3 perl-Test-Harness tmux jq gettext"
pacman="base-devel ncurses md4c jansson hwloc papi openmpi curl libmicrohttpd liburing ocl-icd opencl-headers pocl
gnuplot python perl tmux jq gettext"

# install PACKAGES: as root or through sudo with apt; false where that can't be.
install() {
	command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; } || return 1
	[ "$(id -u)" = 0 ] && sudo= || sudo=sudo
	echo "Installing packages:" "$@"
	$sudo apt-get update -qq &&
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Each package by itself where all together fail, so that one that this system lacks costs only what stands on it.
install_each() {
	missing=$(for p in "$@"; do dpkg -s "$p" >/dev/null 2>&1 || echo "$p"; done)
	[ -z "$missing" ] || install $missing || for p in $missing; do
		install "$p" || echo "Not installed: $p (what needs it is skipped)"
	done
}

case $1 in
peers) # what the peers name
	install_each $({
		sed -n 's,^[/ *]*needs: *\([^*]*\).*,\1,p' kernels/peers/*.c kernels/peers/*.cpp
		grep -ho '"python3-[a-z0-9.-]*"' kernels/peers/*.py | tr -d '"'
	} | tr -s ' ' '\n' | sort -u)
	exit 0 ;;
check)
	install_each $check
	exit 0 ;;
esac

all_here() {
	for tool in $1; do
		command -v "$tool" >/dev/null || return 1
	done
	pkg-config --exists $2
}

all_here "$1" "$2 $3" && exit 0
if install $deb; then
	install_each $parts
else
	echo "Install with your package manager"
	echo "  apt:" $deb $parts
	echo "  dnf: $dnf"
	echo "  pacman: $pacman"
fi
for tool in $1; do # the compiler comes first
	command -v "$tool" >/dev/null && break
	echo "Lockstep cannot be built without $tool." >&2
	exit 1
done
pkg-config --exists --print-errors $2 || { echo "Lockstep cannot be built without these." >&2; exit 1; }
