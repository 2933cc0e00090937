#!/bin/busybox sh
# The whole system of a test's guest: it does what cloud-init does with the disk `cidata`, says on its serial console
# what it sees, and shuts down when the power button is pressed.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
say() { echo "guest: $*"; }
for module in $(cat /modules/order); do insmod "/modules/$module.ko" || say "no module $module"; done
mkdir -p /disk /cidata /etc /root/.ssh /var/run /tmp
echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd
echo 'root:*:19000:0:99999:7:::' >/etc/shadow
say "processors $(nproc)"
say "memory $(awk '/MemTotal/ { print $2 }' /proc/meminfo) kB"

disk=$(findfs LABEL=NEFOSROOT) && mount -t vfat -o rw,sync "$disk" /disk
seed=$(findfs LABEL=cidata) && mount -t vfat -o ro "$seed" /cidata
boots=$(($(cat /disk/boots 2>/dev/null || echo 0) + 1))
echo "$boots" >/disk/boots
sync
say "boot $boots of its disk"
grep -q nefos.iso /proc/cmdline && say "booted from an ISO image"
ls /sys/block | grep '^vd' | tr '\n' ' ' | sed 's/^/guest: boots with /'
echo

# What cloud-init does at the first boot of an instance.
instance=$(sed -n 's/.*"instance-id":"\([^"]*\)".*/\1/p' /cidata/meta-data)
hostname "$(sed -n 's/.*"local-hostname":"\([^"]*\)".*/\1/p' /cidata/meta-data)"
say "instance $instance is $(hostname)"
part() {
  case $(head -n 1 "$1") in
    '#cloud-config')
      sed -n 's/.*"list":"root:\([^"]*\)".*/\1/p' "$1" >/tmp/password
      if [ -s /tmp/password ]; then
        say "password $(tr -d '\n' </tmp/password | sha256sum | cut -d ' ' -f 1)"
        [ -n "$first" ] && echo "root:$(cat /tmp/password)" | chpasswd
      fi
      [ -n "$first" ] && grep -o '"ssh_authorized_keys":\[[^]]*\]' "$1" | grep -o '"ssh-[^"]*"' | tr -d '"' | while read -r key; do
        echo "$key" >>/root/.ssh/authorized_keys
        say "key $key"
      done
      ;;
    '#!'*)
      [ -n "$first" ] || return
      chmod 700 "$1"
      "$1" | sed 's/^/guest: script: /'
      ;;
  esac
}
first=
[ "$(cat /disk/instance 2>/dev/null)" = "$instance" ] || first=yes
case $(head -n 1 /cidata/user-data) in
  Content-Type:*)
    # The parts, each after an empty line, in base64.
    awk '/^--nefos/ { n += 1; body = 0; next } body { print > ("/tmp/part" n) } /^$/ { body = 1 }' /cidata/user-data
    for one in /tmp/part[0-9]*; do
      base64 -d "$one" >"$one.data" 2>/dev/null
      part "$one.data"
    done
    ;;
  *)
    cp /cidata/user-data /tmp/user-data
    part /tmp/user-data
    ;;
esac
echo "$instance" >/disk/instance
sync
[ -s /tmp/password ] && say 'the seed has a password' || say 'the seed has no password'

# The seed has the address where nobody answers DHCP.
address() {
  ifconfig "$1" up
  told=$(tr '{' '\n' </cidata/network-config 2>/dev/null | grep -F "$(cat "/sys/class/net/$1/address")" | sed -n 's/.*"addresses":\["\([^"]*\)".*/\1/p')
  if [ -n "$told" ]; then ip address add "$told" dev "$1"
  else udhcpc -i "$1" -n -q -t 10 -T 1 -s /bin/on-lease >/dev/null 2>&1; fi
  say "address of $1 $(ifconfig "$1" | sed -n 's/.*inet addr:\([0-9.]*\).*/\1/p')"
}
for nic in /sys/class/net/eth*; do [ -e "$nic" ] && address "${nic##*/}"; done
while true; do nc -l -p 22 -e /bin/greet; done &
agent=$(ls /dev | grep '^vport' | head -n 1)
[ -n "$agent" ] && qemu-ga -m virtio-serial -p "/dev/$agent" -t /var/run >/tmp/agent.log 2>&1 &

for event in /sys/class/input/event*; do
  grep -q 'Power Button' "$event/device/name" 2>/dev/null || continue
  (
    dd if="/dev/input/${event##*/}" bs=24 count=1 of=/dev/null 2>/dev/null
    say 'the power button is pressed'
    umount /disk
    sync
    poweroff -f
  ) &
done
# What changes while it runs: seen from here on, and only then it says that it is up.
disks=$(ls /sys/block | grep '^vd' | tr '\n' ' ')
nics=$(ls /sys/class/net | tr '\n' ' ')
shadow=$(cat /etc/shadow)
say 'is up'
ticks=0
while sleep 1; do
  now=$(ls /sys/block | grep '^vd' | tr '\n' ' ')
  for disk in $now; do
    case " $disks" in *" $disk "*) continue ;; esac
    say "disk $disk has come, serial $(cat "/sys/block/$disk/serial"), sectors $(cat "/sys/block/$disk/size")"
    eval "size_$disk=$(cat "/sys/block/$disk/size")"
    say "disk $disk says $(dd if="/dev/$disk" bs=64 count=1 2>/dev/null | tr -d '\0')"
    printf 'written at boot %s' "$boots" | dd of="/dev/$disk" bs=64 conv=sync 2>/dev/null
    sync
  done
  for disk in $disks; do case " $now" in *" $disk "*) ;; *) say "disk $disk has gone" ;; esac; done
  for disk in $now; do
    size=$(cat "/sys/block/$disk/size" 2>/dev/null)
    eval "former=\${size_$disk:-}"
    [ -n "$former" ] && [ "$former" != "$size" ] && say "disk $disk has sectors $size"
    eval "size_$disk=$size"
  done
  disks=$now
  now=$(ls /sys/class/net | tr '\n' ' ')
  for nic in $now; do case " $nics" in *" $nic "*) ;; *) say "interface $nic has come" && address "$nic" ;; esac; done
  for nic in $nics; do case " $now" in *" $nic "*) ;; *) say "interface $nic has gone" ;; esac; done
  nics=$now
  now=$(cat /etc/shadow)
  [ "$now" = "$shadow" ] || say "password is now $(echo "$now" | cut -d : -f 2)"
  shadow=$now
  ticks=$((ticks + 1))
  [ $((ticks % 5)) = 0 ] && say "tick $ticks"
done
