//! The options of well-known commands: which take a value, and by what name the value goes.
//!
//! A line is the commands, their options, and the names of what stands without an option. `o|output=output` takes a value,
//! `s|silent:silent` does not; without a name behind `=` or `:` it is only skipped. The names at the end go to the words in
//! order; a last name with `+` takes all the rest, each in a call of its own.

/// The options of one command.
pub(super) struct Options {
    options: &'static str,
    /// The names of the words without an option.
    pub places: &'static str,
    /// One-letter options may be written together (`-sSLo file`).
    pub clusters: bool,
}

/// What an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Whether it takes a value.
    pub takes: bool,
    /// The name under which it is noted; empty when it is not.
    pub name: &'static str,
}

impl Options {
    /// The options of a command.
    pub fn of(command: &str) -> Option<Self> {
        TABLE.iter().find(|(names, ..)| names.split(' ').any(|name| name == command)).map(|(_, options, places)| Self {
            options,
            places,
            clusters: !matches!(command, "java" | "find" | "openssl" | "socat" | "docker"),
        })
    }

    /// What an option means, by its spelling without dashes.
    pub fn meaning(&self, option: &str) -> Option<Meaning> {
        self.options.split_whitespace().find_map(|entry| {
            let at = entry.find(['=', ':'])?;
            let known = entry[..at].split('|').any(|name| name == option);
            known.then(|| Meaning { takes: entry.as_bytes()[at] == b'=', name: &entry[at + 1..] })
        })
    }
}

const TABLE: &[(&str, &str, &str)] = &[
    (
        "curl",
        "o|output=output O|remote-name|remote-name-all:remote-name d|data|data-raw|data-binary|data-ascii|data-urlencode|json=data \
         F|form|form-string=form T|upload-file=upload X|request=method H|header=header A|user-agent=header e|referer= b|cookie=header \
         u|user=header x|proxy= K|config= url=url m|max-time= connect-timeout= retry= retry-delay= retry-max-time= c|cookie-jar= \
         w|write-out= cacert= E|cert= key= resolve= D|dump-header= r|range= z|time-cond= limit-rate= interface= socks5= \
         socks5-hostname= proto= tlsv1.2: ciphers= doh-url= output-dir= C|continue-at= y|speed-time= Y|speed-limit= S|show-error: \
         s|silent: k|insecure:insecure f|fail: L|location: g: i|include: I|head: v|verbose: G|get: N: j: compressed: n: q: Q= a: 4: 6: #:",
        "url",
    ),
    (
        "wget",
        "O|output-document=output post-data|body-data=data post-file|body-file=upload header=header U|user-agent=header \
         P|directory-prefix=directory i|input-file= o|output-file= a= t|tries= T|timeout= e|execute= user=header password=header \
         referer= method=method w|wait= Q= l|level= R= A= D= q|quiet: c: N: r: nc: nv: b|background:detached S: k: p: m: H: L: \
         no-check-certificate:insecure",
        "url",
    ),
    (
        "fetch aria2c lwp-download axel http https xh",
        "o|output=output d|dir=directory q: s|split= x= c: header=header",
        "url",
    ),
    ("scp", "P= i= o= F= c= l= S= J= r: p: q: C: v: B: 1: 2: 3: 4: 6: O:", ""),
    ("rsync", "e|rsh= exclude= include= a: v: z: r: u: P: h: progress: delete: q: port= password-file= T=", ""),
    (
        "nc ncat netcat nc.traditional nc.openbsd",
        "e|exec|sh-exec=exec c=exec p=port l|listen:listen w= s= q= i= x= X= T= k: n: v: z: u: 4: 6: d: N:",
        "host port",
    ),
    ("telnet", "l= a: K: E: L: 8:", "host port"),
    ("socat", "d: u: U: s: v: x: t= T= b= lf=", "left right"),
    (
        "ssh sftp",
        "p= i= o= l= L= R= D= F= J= W= b= c= e= m= N: f:detached n: q: T: t: v: A: C: x: X: 4: 6: g: k:",
        "host remote+",
    ),
    (
        "dig nslookup host drill resolvectl ping ping6 getent traceroute",
        "c= t= W= w= i= p= q= s= x= y= b= f= k= n: v: a: 4: 6: r:",
        "name+",
    ),
    ("base64 base32 basenc", "d|decode|D:decode w|wrap= i|input=path o|output=output b= ignore-garbage:", "path"),
    (
        "openssl",
        "d:decode e: a|base64:base64 A: in=path out=output pass=key k=key K=key iv=key md= inkey=key pubin: passin=key encrypt: decrypt:decode \
         pbkdf2: iter= nosalt: salt: S= n: connect=connect servername= quiet: subj= newkey= keyout= days=",
        "verb",
    ),
    (
        "gunzip zcat gzcat unzip 7z bunzip2 bzcat unxz xzcat unzstd zstdcat brotli uncompress",
        "c|stdout: k: f: q: o: d|directory=directory S= P=key v:",
        "path",
    ),
    ("gzip bzip2 xz zstd", "d|decompress:decode c|stdout: k: f: q: 1: 9: v: r: S=", "path"),
    ("xxd", "r|revert:decode p|ps|plain: c= l= s= g= u:", "path output"),
    (
        "tar bsdtar",
        "f|file=archive C|directory=directory c|create:create x|extract:extract t: z: j: J: v: p: h: P: r: u: T= X= exclude= strip-components= O: a: k:",
        "path+",
    ),
    ("zip", "r: q: j: P|password=key e: 9: x= u: m: @:", "archive path+"),
    ("tee", "a|append: i:", "path+"),
    (
        "cat head tail less more nl tac rev sort uniq strings od hexdump",
        "n= c= s= k= t= N= A: v: e: E: q: f: r: u: h: d: C: T:",
        "path+",
    ),
    ("tr", "d:delete s: c: C:", "from to"),
    ("cut", "d= f= c= b= s: delimiter= fields=", "path"),
    ("sed", "e= i: n: r: E: f= s: z:", "script path+"),
    (
        "grep egrep fgrep rg",
        "e= f= m= A= B= C= r|R: i: v: o: h: E: P: F: q: s: l: n: w: x: a: c: H: include= exclude= exclude-dir= color=",
        "pattern path+",
    ),
    ("awk gawk mawk", "F= v= f=", "script path+"),
    ("jq yq", "r: c: n: e: s: R: j: M: C: arg= argjson=", "script path+"),
    ("chmod chown chgrp chattr setfacl", "R: v: f: c: reference= recursive: h: i:", "mode path+"),
    (
        "rm rmdir unlink shred wipe srm",
        "r|R|recursive:recursive f|force:force v: i: d: n= u: z: x: I: no-preserve-root:",
        "path+",
    ),
    ("touch mkdir", "p: m= v: t= d= r= a: c:", "path+"),
    ("crontab", "l:list r:remove e: u= i:", "path"),
    ("at batch", "f=path m: q= t= v:", "time+"),
    (
        "systemctl service launchctl update-rc.d chkconfig rc-update loginctl sc sc.exe",
        "user: now: no-reload: w: F: global: system: f: q:",
        "verb name",
    ),
    (
        "pip pip3",
        "r|requirement=requirement i|index-url=index extra-index-url=index t|target= U|upgrade: q|quiet: user: e|editable=package f|find-links=index c= no-cache-dir: break-system-packages: disable-pip-version-check: no-deps: pre: timeout= trusted-host=",
        "verb package+",
    ),
    (
        "npm yarn pnpm bun cnpm",
        "registry=index g|global: save: D|save-dev|E|S|save-exact: prefix= w|workspace= silent: s: f|force: y: C= userconfig= otp= tag= access= ignore-scripts:",
        "verb package+",
    ),
    (
        "gem cargo brew uv pipx poetry easy_install conda dnf yum apk pacman apt apt-get snap choco winget scoop composer go",
        "v|version= source=index s= q: y|yes: f|force: i: n: S: Sy: u: registry=index index=index git=package path= features= token=",
        "verb package+",
    ),
    ("npx pnpx bunx uvx", "p|package=package y|yes: c=code q|quiet: from=package", "package argument+"),
    ("git", "C= c= q: no-pager: git-dir= work-tree=", "verb address+"),
    ("kill killall pkill taskkill", "s= n= u= f: 9: 15: KILL: TERM: HUP: STOP: USR1: x: l: q: I: v:", "process+"),
    ("shutdown reboot halt poweroff init", "h: r: f: P: H: p: n: t=", "time"),
    ("security", "s= a= l= w: g: d: i: p= D= j=", "verb"),
    (
        "secret-tool kwallet-query pass keyring gpg gpg2",
        "r= l: f= w= d|decrypt:decode o|output=output batch: yes: q: passphrase=key export-secret-keys:export a|armor:",
        "verb path",
    ),
    (
        "docker podman nerdctl",
        "v|volume=volume e|env= name= p= w= u= network= net= privileged:privileged pid= rm: d|detach:detached i: t: it: H= f|file= mount=volume entrypoint=",
        "verb image argument+",
    ),
    ("kubectl oc helm", "n|namespace= f|filename=path o|output= l= A: kubeconfig= context=", "verb object argument+"),
    ("aws gcloud az gsutil doctl", "profile= region= output= query= endpoint-url=url", "verb object argument+"),
    ("gh glab", "R= f= F= b= t|title= body= X= H= q= public: d= jq=", "verb object argument+"),
    (
        "trufflehog gitleaks noseyparker detect-secrets",
        "json: only-verified: no-update: no-verification: path=path source=path s=path r= report-path= v: results=",
        "verb path",
    ),
    (
        "claude gemini q codex cursor-agent aider opencode",
        "dangerously-skip-permissions|yolo|y|trust-all-tools|dangerously-bypass-approvals-and-sandbox|full-auto|force|a:unguarded \
         p|prompt|i|message=prompt print: no-interactive: model|m= output-format=",
        "prompt+",
    ),
    ("find fd locate mdfind", "", "path"),
    ("ls dir tree du stat exa", "l: a: A: h: R|recursive: 1: t: r: s: d: F: G: S: color: L= I= n: b:", "path"),
    ("cp mv ln install ditto", "r|R|recursive: f: a: p: v: s: m= o= g= t= T: n: u: d: L: D: b:", ""),
    ("dd", "", ""),
    ("echo print", "n: e:escapes E:", ""),
    ("printf", "", ""),
    ("sleep", "", "seconds"),
    ("exit logout", "", "code"),
    ("osascript", "e=text l=language", "path"),
    (
        "xclip xsel pbcopy pbpaste wl-paste wl-copy clip clip.exe",
        "o|output:read selection|sel= i|input: b: p: c: t=",
        "",
    ),
    (
        "screencapture scrot import gnome-screenshot maim grim flameshot",
        "x: C: window= f|file=path d= T= t= s: u: q=",
        "path",
    ),
    ("history fc", "c:clear w: a: r: n: d=", ""),
    ("useradd adduser usermod", "m: s= p= G= g= o: u= d= c= r: a:", "name"),
    ("iptables ip6tables ufw setenforce auditctl", "A= D= I= j= p= P= F: X: t= s= d=", "verb"),
    ("ifconfig ip arp route netstat ss", "a: n: r: s: t: u: l: p: o: 4: 6:", "object"),
    (
        "uname hostname whoami id who w groups hostnamectl sw_vers lsb_release dmidecode lscpu system_profiler ioreg systeminfo ipconfig ver",
        "a: s: r: m: n: u: f: I: i: all:",
        "object",
    ),
    ("xrandr nvidia-smi lspci lsmod virt-what systemd-detect-virt", "q: v: c:", "object"),
    ("insmod modprobe ldconfig", "f: r: v: a:", "path"),
    (
        "make cmake gcc cc g++ clang node-gyp node-gyp-build prebuild-install node-pre-gyp prebuildify tsc husky patch-package",
        "",
        "target",
    ),
];
