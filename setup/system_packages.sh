#!/bin/sh
# system_packages.sh PURPOSE   install missing Debian packages for python, play, test, device (the
#                              tests on emulated machines) or appliance (play with the system's python)
# It always exits with 0 and asks nothing. If apt cannot be used, it prints the command to run.
here=$(dirname "$0")
whose=
case ${1-} in
    python | play | test | device) ;;
    appliance) whose=system ;;
    *)
        echo "usage: system_packages.sh python|play|test|device|appliance" >&2
        exit 2
        ;;
esac

has_library() { PATH="$PATH:/sbin" ldconfig -p 2>/dev/null | grep -q "$1"; }

has_soundfont() { ls /usr/share/sounds/sf2 /usr/share/soundfonts 2>/dev/null | grep -q '\.sf[23]$'; }

need() { missing="$missing $1"; }

missing=
# shellcheck disable=SC2086 # an empty variable is no argument
python=$("$here/find_python.sh" $whose 2>/dev/null) || need python3
[ -n "$python" ] && "$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
if [ "$1" != python ]; then
    has_library 'libasound\.so\.2' || need libasound2
    has_library 'libportaudio\.so\.2' || need libportaudio2
    has_library 'libfluidsynth\.so\.3' || need libfluidsynth3
    has_soundfont || need timgm6mb-soundfont
fi
if [ "$1" = appliance ] && [ -n "$python" ]; then
    # python-rtmidi has no wheel for Python 3.13.
    "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))' ||
        [ -d /usr/lib/python3/dist-packages/rtmidi ] || need python3-rtmidi
fi
if [ "$1" = device ]; then
    command -v stress-ng >/dev/null || need stress-ng
    command -v mmdebstrap >/dev/null || need mmdebstrap
    command -v systemd-nspawn >/dev/null || need systemd-container
    command -v qemu-aarch64-static >/dev/null || need qemu-user-static
    command -v qemu-system-x86_64 >/dev/null || need qemu-system-x86
    PATH="$PATH:/sbin" command -v mke2fs >/dev/null || need e2fsprogs
    PATH="$PATH:/sbin" command -v losetup >/dev/null || need mount
fi
if [ "$1" = test ]; then
    command -v jackd >/dev/null || need jackd2
    command -v jack_wait >/dev/null || need jack-tools
    command -v pgrep >/dev/null || need procps
    command -v patch >/dev/null || need patch
    command -v abc2midi >/dev/null || need abcmidi
    # Home automation is tested with a real MQTT broker; `mosquitto` is in /usr/sbin.
    PATH="$PATH:/usr/sbin" command -v mosquitto >/dev/null || need mosquitto
    # The radio is tested with real players of streams.
    command -v ffmpeg >/dev/null || need ffmpeg
    command -v mpv >/dev/null || need mpv
    command -v curl >/dev/null || need curl
    # Playwright's driver and aalink need it.
    has_library 'libatomic\.so\.1' || need libatomic1
    # The panel is tested in a real browser.
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || need chromium
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=
elif sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    root=none
fi
if [ "$root" != none ] && command -v apt-get >/dev/null; then
    echo "Installing system packages:$missing"
    # jackd2 would stop to ask about real-time priority.
    install="$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
    $install $missing >/dev/null 2>&1 && exit 0
    # The list of packages may be empty or old, or a package may have another name here.
    $root apt-get update -qq >/dev/null 2>&1
    left=
    for package in $missing; do
        # Since Debian 13 some libraries have the suffix t64 for 64-bit time.
        $install "$package" >/dev/null 2>&1 || $install "${package}t64" >/dev/null 2>&1 || left="$left $package"
    done
    missing=$left
    [ -n "$missing" ] || exit 0
fi
case $1 in
    python) purpose="To be set up" ;;
    test | device) purpose="For all tests" ;;
    appliance) purpose="For the service" ;;
    *) purpose="For sound" ;;
esac
echo "$purpose this machine needs: sudo apt-get install$missing" >&2
exit 0
