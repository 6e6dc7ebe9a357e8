# What U-Boot does: boots the first slot of BOOT_ORDER that has attempts left. slots.env is RAUC's as well, which gives a slot
# three attempts once it has proved good; it is one sector, so that it is there as it was or as it is to be.
#
# @MEMORY@ is where memory begins. In a slot its file system is followed by what rootfs/boot/u-boot puts there: a sector with
# the numbers of sectors that follow it: of the kernel, packed by gzip, of the initrd, and of the device tree, if any.
setexpr scratch @MEMORY@ + 0x07000000
setexpr second @MEMORY@ + 0x07000004
setexpr third @MEMORY@ + 0x07000008
setexpr size_of_squashfs @MEMORY@ + 0x07000028
setexpr tree @MEMORY@ + 0x07e00000
setexpr kernel @MEMORY@ + 0x08000000
setexpr packed @MEMORY@ + 0x10000000

setenv BOOT_ORDER A
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 3
if load ${devtype} ${devnum}:1 ${scratch} slots.env; then
    env import -c ${scratch} 0x200 BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fi

for round in first last; do
    if test ${round} = last; then
        # None is good, and a box that tries is better than one that does not.
        setenv BOOT_ORDER "A B"
        setenv BOOT_A_LEFT 3
        setenv BOOT_B_LEFT 3
    fi
    for slot in ${BOOT_ORDER}; do
        if test ${slot} = A; then
            setenv label slot-a
            setenv left ${BOOT_A_LEFT}
        else
            setenv label slot-b
            setenv left ${BOOT_B_LEFT}
        fi
        if itest ${left} > 0; then
            setexpr BOOT_${slot}_LEFT ${left} - 1
            env export -c -s 0x200 ${scratch} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
            save ${devtype} ${devnum}:1 ${scratch} slots.env 0x200

            if part start ${devtype} ${devnum} ${label} sector; then
                ${devtype} dev ${devnum}
                ${devtype} read ${scratch} ${sector} 1
                # It is filled up to whole 4 KiB.
                setexpr.l size *${size_of_squashfs}
                setexpr size ${size} + 0xfff
                setexpr size ${size} / 0x1000
                setexpr size ${size} * 8
                setexpr sector 0x${sector} + ${size}
                ${devtype} read ${scratch} ${sector} 1
                setexpr.l kernel_sectors *${scratch}
                setexpr.l initrd_sectors *${second}
                setexpr.l tree_sectors *${third}
                setexpr sector ${sector} + 1
                ${devtype} read ${packed} ${sector} ${kernel_sectors}
                unzip ${packed} ${kernel}
                setexpr sector ${sector} + ${kernel_sectors}
                ${devtype} read ${packed} ${sector} ${initrd_sectors}
                setexpr sector ${sector} + ${initrd_sectors}
                setexpr initrd_size ${initrd_sectors} * 0x200
                if itest ${tree_sectors} > 0; then
                    ${devtype} read ${tree} ${sector} ${tree_sectors}
                else
                    # Its firmware's.
                    setenv tree ${fdtcontroladdr}
                fi
                setenv bootargs "root=PARTLABEL=${label} rauc.slot=${slot} @ARGUMENTS@"
                booti ${kernel} ${packed}:${initrd_size} ${tree}
            fi
        fi
    done
done
reset
