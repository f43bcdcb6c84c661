//! Where a connection wanted to go before it was led to the sinkhole.

use std::{
    net::{Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::BorrowedFd,
};

use nix::sys::socket::{getsockopt, sockopt};

/// Knows the destination of a connection that the sinkhole accepted.
pub trait Origin: Send + Sync + 'static {
    /// The destination as the package wrote it, given the socket and the address that it was accepted at.
    fn destination(&self, socket: BorrowedFd<'_>, local: SocketAddr) -> SocketAddr;
}

/// Connections come as they were addressed: every address and port is the sinkhole's own.
#[derive(Debug, Clone, Copy)]
pub struct Local;

/// Connections are redirected by the packet filter, which remembers where they wanted to go.
#[derive(Debug, Clone, Copy)]
pub struct Redirected;

impl Origin for Local {
    fn destination(&self, _: BorrowedFd<'_>, local: SocketAddr) -> SocketAddr {
        local
    }
}

impl Origin for Redirected {
    fn destination(&self, socket: BorrowedFd<'_>, local: SocketAddr) -> SocketAddr {
        if let Ok(to) = getsockopt(&socket, sockopt::OriginalDst) {
            let address = u32::from_be(to.sin_addr.s_addr).into();
            return SocketAddrV4::new(address, u16::from_be(to.sin_port)).into();
        }
        if let Ok(to) = getsockopt(&socket, sockopt::Ip6tOriginalDst) {
            let address = Ipv6Addr::from(to.sin6_addr.s6_addr);
            return SocketAddrV6::new(address, u16::from_be(to.sin6_port), 0, 0).into();
        }
        local
    }
}

impl<F: Fn(BorrowedFd<'_>, SocketAddr) -> SocketAddr + Send + Sync + 'static> Origin for F {
    fn destination(&self, socket: BorrowedFd<'_>, local: SocketAddr) -> SocketAddr {
        self(socket, local)
    }
}
