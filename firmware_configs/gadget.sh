#!/bin/sh
# Make this board a USB MIDI instrument called Perpetuum for the computer at the other end of the cable.
#
#   gadget.sh start    create it and connect; does nothing if it is connected
#   gadget.sh stop     disconnect and remove it; does nothing if it does not exist
#
# https://docs.kernel.org/usb/gadget_configfs.html
# https://www.kernel.org/doc/Documentation/ABI/testing/configfs-usb-gadget-midi
set -eu

NAME=${PERPETUUM_GADGET_NAME:-Perpetuum}
CONFIGFS=/sys/kernel/config
GADGET=$CONFIGFS/usb_gadget/perpetuum
WAIT=10 # seconds until the kernel has found the controller

say() { echo "gadget.sh: $*" >&2; }

connected() { [ -e "$GADGET/UDC" ] && [ -n "$(cat "$GADGET/UDC")" ]; }

controller() {
    # PERPETUUM_UDC names one; otherwise the first one is used.
    left=$WAIT
    while :; do
        for udc in "/sys/class/udc/${PERPETUUM_UDC:-}"*; do
            [ -e "$udc" ] && basename "$udc" && return
        done
        [ "$left" -gt 0 ] || break
        left=$((left - 1))
        sleep 1
    done
    say "no USB device controller in /sys/class/udc; is dtoverlay=dwc2,dr_mode=peripheral in config.txt?"
    return 1
}

serial_number() {
    # The board's own number, so that a computer recognizes it.
    if [ -r /proc/device-tree/serial-number ]; then
        tr -d '\0' </proc/device-tree/serial-number
    else
        echo 1
    fi
}

describe() {
    mkdir -p "$GADGET"
    # Linux Foundation, composite gadget.
    echo 0x1d6b >"$GADGET/idVendor"
    echo 0x0104 >"$GADGET/idProduct"
    echo 0x0200 >"$GADGET/bcdUSB"
    echo 0x0100 >"$GADGET/bcdDevice"
    mkdir -p "$GADGET/strings/0x409"
    echo "$NAME" >"$GADGET/strings/0x409/manufacturer"
    echo "$NAME" >"$GADGET/strings/0x409/product"
    serial_number >"$GADGET/strings/0x409/serialnumber"
    midi=$GADGET/functions/midi.usb0
    mkdir -p "$midi"
    # ALSA's name for the card on this side; a line end would become part of it.
    printf %s "$NAME" >"$midi/id"
    echo 1 >"$midi/in_ports"
    echo 1 >"$midi/out_ports"
    # From Linux 6.19 on; before, the interface is always called "MIDI function".
    if [ -e "$midi/interface_string" ]; then
        printf %s "$NAME" >"$midi/interface_string"
    fi
    mkdir -p "$GADGET/configs/c.1/strings/0x409"
    echo "$NAME" >"$GADGET/configs/c.1/strings/0x409/configuration"
    echo 500 >"$GADGET/configs/c.1/MaxPower"
    [ -e "$GADGET/configs/c.1/midi.usb0" ] || ln -s "$midi" "$GADGET/configs/c.1/midi.usb0"
}

start() {
    if connected; then return; fi
    modprobe libcomposite
    if [ ! -d "$CONFIGFS/usb_gadget" ]; then
        mount -t configfs none "$CONFIGFS"
    fi
    # The remains of an interrupted start cannot be changed, only created again.
    stop
    udc=$(controller)
    held=$(cat "/sys/class/udc/$udc/function" 2>/dev/null || true)
    if [ -n "$held" ]; then
        say "$udc is used by $held, another gadget, and serves only one: stop that one, then start this one again"
        return 1
    fi
    describe
    echo "$udc" >"$GADGET/UDC"
    say "$NAME is on $udc"
}

stop() {
    [ -d "$GADGET" ] || return 0
    if connected; then echo >"$GADGET/UDC"; fi
    rm -f "$GADGET/configs/c.1/midi.usb0"
    for folder in configs/c.1/strings/0x409 configs/c.1 functions/midi.usb0 strings/0x409 .; do
        if [ -d "$GADGET/$folder" ]; then rmdir "$GADGET/${folder#.}"; fi
    done
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    *)
        echo "usage: gadget.sh start|stop" >&2
        exit 2
        ;;
esac
