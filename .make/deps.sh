#!/bin/sh
# deps.sh "TOOLS" "REQUIRED" "OPTIONAL": programs on the PATH, pkg-config modules without which nothing is built, and those that
# are wanted too. Does nothing when all are there; else installs the packages, or prints their names.
deb="build-essential pkg-config libncurses-dev libmd4c-dev libjansson-dev libhwloc-dev libpapi-dev gnuplot-nox fonts-dejavu-core
python3 perl tmux jq gettext"
dnf="gcc make pkgconf {ncurses,md4c,jansson,hwloc,papi}-devel gnuplot python3 perl-Test-Harness tmux jq gettext"
pacman="base-devel ncurses md4c jansson hwloc papi gnuplot python perl tmux jq gettext"

# install PACKAGES: as root or through sudo with apt; false where that can't be.
install() {
	command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; } || return 1
	[ "$(id -u)" = 0 ] && sudo= || sudo=sudo
	echo "Installing packages:" "$@"
	$sudo apt-get update -qq &&
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# deps.sh peers: what the peers name, each package by itself, so that one that this system lacks costs only its peers.
if [ "$1" = peers ]; then
	packages=$({
		sed -n 's,^[/ *]*needs: *\([^*]*\).*,\1,p' kernels/peers/*.c kernels/peers/*.cpp
		grep -ho '"python3-[a-z0-9.-]*"' kernels/peers/*.py | tr -d '"'
	} | tr -s ' ' '\n' | sort -u)
	missing=$(for p in $packages; do dpkg -s "$p" >/dev/null 2>&1 || echo "$p"; done)
	[ -z "$missing" ] && exit 0
	install $missing || for p in $missing; do
		install "$p" || echo "Not installed: $p (its peers will be skipped)"
	done
	exit 0
fi

all_here() {
	for tool in $1; do
		command -v "$tool" >/dev/null || return 1
	done
	pkg-config --exists $2
}

all_here "$1" "$2 $3" && exit 0
if ! install $deb; then
	echo "Install with your package manager"
	echo "  apt:" $deb
	echo "  dnf: $dnf"
	echo "  pacman: $pacman"
fi
for tool in $1; do # the compiler comes first
	command -v "$tool" >/dev/null && break
	echo "Lockstep cannot be built without $tool." >&2
	exit 1
done
pkg-config --exists --print-errors $2 || { echo "Lockstep cannot be built without these." >&2; exit 1; }
