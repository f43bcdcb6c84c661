//! Only standard input, output and error stay open: a file or socket that our caller left open is no way out.

use std::io;

use super::{Means, Stage, state};

pub(super) const MEANS: Means = Means {
    name: "descriptors",
    purpose: "no file or socket is inherited",
    stage: Stage::Process,
    raise: |_| state(close_from(3)),
    // The highest possible number is never open, so that this closes nothing and still asks the kernel.
    probe: || state(close_from(libc::c_uint::MAX)),
};

fn close_from(first: libc::c_uint) -> io::Result<()> {
    // SAFETY: nothing in the process owns a descriptor above the standard three when the wall is raised (it is the
    // first thing that a worker does), and the probe names a number that cannot be open. No memory is touched.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
