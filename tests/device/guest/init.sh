#!/bin/sh
# The first process of the virtual machine: mounts, devices, then a shell that serves commands.
# Line "NUMBER COMMAND" in on the second serial port; line "NUMBER STATUS" out when it has ended.
# What the command printed lies in /share/NUMBER.log by then.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
/lib/systemd/systemd-udevd --daemon
modprobe -a 9pnet_virtio 9p xhci_pci
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose source /source
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share
ip link set lo up 2>/dev/null
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo "0 0" >&3
while read -r number command <&3; do
    sh -c "$command" >"/share/$number.log" 2>&1 </dev/null 3>&-
    status=$?
    echo "$number $status" >&3
done
