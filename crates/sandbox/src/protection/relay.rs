//! The one way out of a network namespace that has none: a socket inside, and a thread outside that passes on to the same
//! port of this machine's loopback.

use std::{
    io,
    io::{IoSlice, IoSliceMut},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
};

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

/// Connections at a time.
const MOST: usize = 256;

/// Opens the socket inside and hands it out.
pub(super) fn hand_out(line: &UnixStream, port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let descriptors = [listener.as_raw_fd()];
    let control = [ControlMessage::ScmRights(&descriptors)];
    sendmsg::<()>(line.as_raw_fd(), &[IoSlice::new(b"!")], &control, MsgFlags::empty(), None)?;
    Ok(())
}

/// Takes the socket, unless the other end has closed the line.
pub(super) fn take(line: &UnixStream) -> io::Result<TcpListener> {
    let mut byte = [0];
    let mut slices = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([i32; 1]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(line.as_raw_fd(), &mut slices, Some(&mut space), flags)?;
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = control
            && let Some(descriptor) = descriptors.first()
        {
            // SAFETY: The kernel has just made it for this process.
            return Ok(unsafe { OwnedFd::from_raw_fd(*descriptor) }.into());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Passes on whatever is connected, as long as this process lives.
pub(super) fn pass_on(listener: TcpListener, port: u16) -> io::Result<()> {
    let slots = std::sync::Arc::new(());
    let accept = move || {
        for inside in listener.incoming().flatten() {
            if std::sync::Arc::strong_count(&slots) > MOST {
                continue;
            }
            let slot = std::sync::Arc::clone(&slots);
            let _ = thread::Builder::new().name("relay".into()).stack_size(128 << 10).spawn(move || {
                let _ = join(&inside, port);
                drop(slot);
            });
        }
    };
    thread::Builder::new().name("relay".into()).spawn(accept).map(drop)
}

fn join(inside: &TcpStream, port: u16) -> io::Result<()> {
    let outside = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    inside.set_nodelay(true)?;
    outside.set_nodelay(true)?;
    thread::scope(|scope| {
        scope.spawn(|| copy(inside, &outside));
        copy(&outside, inside);
    });
    Ok(())
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    // The other direction may go on: this one has ended.
    let _ = to.shutdown(Shutdown::Write);
}
