//! Where secrets lie: the files of browsers, wallets, chats and developers' tools.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use aho_corasick::AhoCorasick;
use model::{Action, Phase, Place};

use crate::{rules::query::Seen, source::Source};

/// Whose secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The folder of a browser's profile.
    Profile,
    /// What a browser keeps in a profile: passwords, cookies, cards.
    Browser,
    /// Discord's store of tokens.
    Discord,
    /// A wallet of coins.
    Wallet,
    /// The session of a messenger, a game or a remote desktop.
    Session,
    /// A key or token of developers and their machines.
    Developer,
    /// What an attacker reads to know the system: accounts, histories.
    System,
}

/// One place where a secret lies.
pub struct Store {
    /// Whose it is.
    pub family: Family,
    /// Its name for people.
    pub name: &'static str,
    /// Hosts of those who gave the secret out: it may go there.
    pub givers: &'static [&'static str],
    marks: &'static [&'static str],
}

const fn store(family: Family, name: &'static str, marks: &'static [&'static str]) -> Store {
    Store { family, name, givers: &[], marks }
}

const fn given(name: &'static str, givers: &'static [&'static str], marks: &'static [&'static str]) -> Store {
    Store { family: Family::Developer, name, givers, marks }
}

/// The table. A mark is in lower case with `/`; it must stand in a path as whole words (see [`stands_alone`]).
const STORES: &[Store] = &[
    // Folders of browsers' profiles. Thieves go through long lists of them; an honest program knows one.
    store(Family::Profile, "7Star", &["7star/7star/user data"]),
    store(Family::Profile, "Amigo", &["amigo/user data"]),
    store(Family::Profile, "Brave", &["bravesoftware/brave-browser"]),
    store(Family::Profile, "CentBrowser", &["centbrowser/user data"]),
    store(Family::Profile, "Chrome", &["google/chrome", "google-chrome/default"]),
    store(Family::Profile, "Chrome SxS", &["google/chrome sxs"]),
    store(Family::Profile, "Chromium", &["chromium/user data", ".config/chromium"]),
    store(Family::Profile, "Edge", &["microsoft/edge"]),
    store(Family::Profile, "Epic Privacy Browser", &["epic privacy browser/user data"]),
    store(Family::Profile, "Firefox", &["mozilla/firefox", ".mozilla/firefox", "firefox/profiles"]),
    store(Family::Profile, "Iridium", &["iridium/user data"]),
    store(Family::Profile, "Kometa", &["kometa/user data"]),
    store(
        Family::Profile,
        "Opera",
        &["opera software/opera stable", "opera software/opera gx stable", "com.operasoftware.opera"],
    ),
    store(Family::Profile, "Orbitum", &["orbitum/user data"]),
    store(Family::Profile, "Sputnik", &["sputnik/sputnik/user data"]),
    store(Family::Profile, "Torch", &["torch/user data"]),
    store(Family::Profile, "Uran", &["ucozmedia/uran/user data"]),
    store(Family::Profile, "Vivaldi", &["vivaldi/user data", ".config/vivaldi"]),
    store(Family::Profile, "Yandex", &["yandex/yandexbrowser"]),
    // What lies in them.
    store(
        Family::Browser,
        "passwords",
        &["login data", "logins.json", "signons.sqlite", "key4.db", "key3.db", "password_value"],
    ),
    store(Family::Browser, "cards", &["web data", "card_number_encrypted"]),
    store(Family::Browser, "cookies", &["network/cookies", "default/cookies", "cookies.sqlite"]),
    store(Family::Browser, "the master key", &["local state"]),
    // Discord keeps its tokens in LevelDB files of a few clients.
    store(
        Family::Discord,
        "Discord's tokens",
        &[
            "discord/local storage/leveldb",
            "discordcanary/local storage/leveldb",
            "discordptb/local storage/leveldb",
            "lightcord/local storage/leveldb",
            "discordcanary",
            "discordptb",
            "lightcord",
            "dqw4w9wgxcq:",
            "mfa\\.[\\w-]{84}",
            "[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{27}",
            "[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{38}",
            "[\\w-]{24}\\.[\\w-]{6}\\.[\\w-]{25,110}",
            "[\\w-]{26}\\.[\\w-]{6}\\.[\\w-]{38}",
            "[nm][a-za-z\\d]{23}\\.[\\w-]{6}\\.[\\w-]{27}",
            "discord_desktop_core",
        ],
    ),
    // Wallets by their folders and files.
    store(Family::Wallet, "Armory", &["appdata/roaming/armory", "armory/*.wallet"]),
    store(Family::Wallet, "Atomic", &["atomic/local storage/leveldb", "roaming/atomic"]),
    store(Family::Wallet, "Bitcoin Core", &["bitcoin/wallets", "bitcoin/wallet.dat", "wallet.dat", ".bitcoin"]),
    store(Family::Wallet, "Bytecoin", &["roaming/bytecoin"]),
    store(Family::Wallet, "Coinomi", &["coinomi/coinomi/wallets"]),
    store(Family::Wallet, "Dash", &["dashcore/wallets"]),
    store(Family::Wallet, "Electrum", &["electrum/wallets", "electrum-ltc/wallets", ".electrum/wallets"]),
    store(Family::Wallet, "Ethereum", &["ethereum/keystore", ".ethereum/keystore"]),
    store(Family::Wallet, "Exodus", &["exodus/exodus.wallet", "roaming/exodus", "exodus.wallet"]),
    store(Family::Wallet, "Guarda", &["guarda/local storage/leveldb"]),
    store(Family::Wallet, "Jaxx", &["com.liberty.jaxx"]),
    store(Family::Wallet, "Ledger Live", &["ledger live/app.json", "roaming/ledger live"]),
    store(Family::Wallet, "Monero", &["monero/wallets"]),
    store(Family::Wallet, "Solana", &["solana/id.json"]),
    store(Family::Wallet, "Wasabi", &["walletwasabi/client/wallets"]),
    store(Family::Wallet, "Zcash", &["roaming/zcash"]),
    // Wallets in browsers, by the ids of their extensions.
    store(Family::Wallet, "Argent X", &["dlcobpjiigpikoobohmabehhmhfoodbb"]),
    store(Family::Wallet, "Backpack", &["aflkmfhebedbjioipglgcbcmnbpgliof"]),
    store(Family::Wallet, "Binance Wallet", &["fhbohimaelbohpjbbldcngcnapndodjp"]),
    store(Family::Wallet, "BitKeep", &["jiidiaalihmmhddjgbnbgdfflelocpak"]),
    store(Family::Wallet, "Braavos", &["jnlgamecbpmbajjfhmmmlhejkemejdma"]),
    store(Family::Wallet, "Coin98", &["aeachknmefphepccionboohckonoeemg"]),
    store(Family::Wallet, "Coinbase Wallet", &["hnfanknocfeofbddgcijnmhnfnkdnaad"]),
    store(Family::Wallet, "Exodus Web3", &["aholpfdialjgjfhomihkjbmgjidlcdno"]),
    store(Family::Wallet, "Guarda (browser)", &["hpglfhgfnhbgpjdenjgmdgoeiappafln"]),
    store(Family::Wallet, "Jaxx Liberty", &["cjelfplplebdjjenllpjcblmjkfcffne"]),
    store(Family::Wallet, "Keplr", &["dmkamcknogkgcdfhhbddcghachkejeap"]),
    store(Family::Wallet, "Liquality", &["kpfopkelmapcoipemfendmdcghnegimn"]),
    store(Family::Wallet, "Martian", &["efbglgofoippbgcjepnhiblaibcnclgk"]),
    store(Family::Wallet, "Math Wallet", &["afbcbjpbpfadlkmhmclhkeeodmamcflc"]),
    store(Family::Wallet, "MetaMask", &["nkbihfbeogaeaoehlefnkodbefgpgknn", "ejbalbakoplchlghecdalmeeeajnimhm"]),
    store(Family::Wallet, "Nifty", &["jbdaocneiiinmjbjlgalhcelgbejmnid"]),
    store(Family::Wallet, "OKX Wallet", &["mcohilncbfahbmgdjkbpemcciiolgcge"]),
    store(Family::Wallet, "Petra", &["ejjladinnckdgjemekebdpeokbikhfci"]),
    store(Family::Wallet, "Phantom", &["bfnaelmomeimhlpmgjnjophhpkkoljpa"]),
    store(Family::Wallet, "Rabby", &["acmacodkjbdgmoleebolmdjonilkdbch"]),
    store(Family::Wallet, "Ronin", &["fnjhmkhhmkbjkkabndcnnogagogbneec"]),
    store(Family::Wallet, "Slope", &["pocmplpaccanhmnllbbkpgfliimljjgo"]),
    store(Family::Wallet, "Solflare", &["bhhhlbepdkbapadjdnnojkbgioiodbic"]),
    store(Family::Wallet, "Sui Wallet", &["opcgpfmipidbgpenhmajoajpbobppdil"]),
    store(Family::Wallet, "Terra Station", &["aiifbnbfobpmeekipheeijimdpnlpgpp"]),
    store(Family::Wallet, "TronLink", &["ibnejdfjmmkpcnlpebklmnkoeoihofec"]),
    store(Family::Wallet, "Trust Wallet", &["egjidjbpglichdcondbcbdnbeeppgdph"]),
    store(Family::Wallet, "XDEFI", &["hmeobnfnfcmdkdcmlblgagmfpfboieaf"]),
    store(Family::Wallet, "Yoroi", &["ffnbelfdoeiohenkjibnmadjiehjhajb"]),
    // Sessions.
    store(Family::Session, "FileZilla", &["filezilla/recentservers.xml", "filezilla/sitemanager.xml"]),
    store(
        Family::Session,
        "Minecraft",
        &["launcher_accounts.json", "launcher_profiles.json", ".minecraft/usercache.json"],
    ),
    store(Family::Session, "MobaXterm", &["mobaxterm/mobaxterm.ini"]),
    store(Family::Session, "NordVPN", &["local/nordvpn"]),
    store(Family::Session, "PuTTY", &["simontatham/putty/sessions"]),
    store(Family::Session, "Roblox", &[".roblosecurity", "roblosecurity"]),
    store(Family::Session, "Signal", &["signal/config.json", "signal/sql/db.sqlite"]),
    store(Family::Session, "Steam", &["steam/config", "config/loginusers.vdf", "ssfn*"]),
    store(Family::Session, "Telegram", &["telegram desktop/tdata", "telegramdesktop/tdata"]),
    store(Family::Session, "WinSCP", &["martin prikryl/winscp 2/sessions"]),
    // Developers and their machines.
    given(
        "AWS",
        &["amazonaws.com", "amazonaws.cn", "aws.amazon.com"],
        &[".aws/credentials", ".aws/config", ".aws/sso/cache"],
    ),
    given(
        "Azure",
        &["azure.com", "microsoft.com", "windows.net", "microsoftonline.com"],
        &[
            ".azure/accesstokens.json",
            ".azure/msal_token_cache.json",
            ".azure/msal_token_cache.bin",
            ".azure/azureprofile.json",
        ],
    ),
    given("Cargo", &[], &[".cargo/credentials", ".cargo/credentials.toml"]),
    given("Docker", &["docker.io", "docker.com"], &[".docker/config.json"]),
    given("Git", &["github.com", "gitlab.com", "bitbucket.org"], &[".git-credentials", ".config/git/credentials"]),
    given("GitHub", &["github.com"], &["gh/hosts.yml", "github-copilot/hosts.json", "github-copilot/apps.json"]),
    given("GnuPG", &[], &[".gnupg", ".gnupg/secring.gpg", ".gnupg/private-keys-v1.d"]),
    given(
        "Google Cloud",
        &["googleapis.com", "google.com"],
        &["gcloud/application_default_credentials.json", "gcloud/credentials.db", "gcloud/access_tokens.db"],
    ),
    given("Hugging Face", &["huggingface.co", "hf.co"], &["huggingface/token", ".huggingface/token"]),
    given(
        "Kubernetes",
        &[],
        &[".kube/config", "kubernetes.io/serviceaccount/token", "kubernetes/admin.conf", "rancher/k3s/k3s.yaml"],
    ),
    given("netrc", &[], &[".netrc", "_netrc"]),
    given("npm", &[], &[".npmrc"]),
    given("PyPI", &[], &[".pypirc"]),
    given("RubyGems", &[], &[".gem/credentials"]),
    given(
        "SSH",
        &[],
        &[
            ".ssh/id_rsa",
            ".ssh/id_ed25519",
            ".ssh/id_ecdsa",
            ".ssh/id_dsa",
            ".ssh/id_*",
            ".ssh/*",
            ".ssh",
            ".ssh/config",
            "ssh/ssh_host_rsa_key",
        ],
    ),
    given("Terraform", &["terraform.io"], &[".terraform.d/credentials.tfrc.json", ".terraformrc"]),
    given("Vault", &["hashicorp.cloud"], &[".vault-token"]),
    // The system.
    store(
        Family::System,
        "shell history",
        &[".bash_history", ".zsh_history", ".sh_history", "consolehost_history.txt"],
    ),
    store(Family::System, "the accounts", &["/etc/shadow", "/etc/passwd", "/etc/sudoers"]),
];

/// The stores that a path or another text names, in the order of the table.
pub fn stores_in(text: &str) -> Vec<&'static Store> {
    // One pass for all marks: files hold thousands of texts.
    static MARKS: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
        let marks = STORES.iter().enumerate().flat_map(|(at, store)| store.marks.iter().map(move |mark| (*mark, at)));
        let (marks, stores): (Vec<&str>, Vec<usize>) = marks.unzip();
        // The table is constant; a test reads it.
        (AhoCorasick::new(&marks).expect("the table of stores makes an automaton"), stores)
    });
    let text = normal(text);
    let mut found: Vec<usize> = Vec::new();
    for hit in MARKS.0.find_overlapping_iter(text.as_ref()) {
        let store = MARKS.1[hit.pattern().as_usize()];
        if !found.contains(&store) && stands_alone(&text, hit.start(), hit.end()) {
            found.push(store);
        }
    }
    found.sort_unstable();
    found.into_iter().map(|at| &STORES[at]).collect()
}

/// The first of the families that a path names.
pub fn store_of(text: &str, families: &[Family]) -> Option<&'static Store> {
    if text.len() < 4 {
        return None;
    }
    stores_in(text).into_iter().find(|store| families.contains(&store.family))
}

/// Paths of Windows and Unix in one spelling.
fn normal(text: &str) -> Cow<'_, str> {
    if text.contains("\\w") || text.contains("\\.") {
        // A pattern, and no path of Windows.
        return text.to_ascii_lowercase().into();
    }
    if !text.bytes().any(|byte| byte == b'\\' || byte.is_ascii_uppercase()) && !text.contains("//") {
        return text.into();
    }
    let mut path = String::with_capacity(text.len());
    for one in text.chars() {
        let one = if one == '\\' { '/' } else { one.to_ascii_lowercase() };
        if !(one == '/' && path.ends_with('/')) {
            path.push(one);
        }
    }
    path.into()
}

/// Whether no letter or digit stands before or after a mark.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let text = text.as_bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let before = start.checked_sub(1).map(|at| text[at]);
    // What starts with a dot is a file's name: nothing but a folder stands before it.
    let starts_as_word = word(text[start]);
    let open = before.is_none_or(|byte| !word(byte) && (starts_as_word || byte != b'.'));
    let ends_open = text[end - 1] == b'*';
    open && text.get(end).is_none_or(|&byte| !word(byte) && (byte != b'.' || ends_open))
}

/// What a file's code names of the stores: in its texts and in what it does.
pub struct Named {
    /// The stores, each once.
    pub stores: Vec<&'static Store>,
    /// Where the first of them is named.
    pub place: Place,
}

impl Named {
    /// The stores of these families that a file names, and where first.
    pub fn of(source: &Source, families: &[Family]) -> Option<Self> {
        let mut names: BTreeSet<&'static str> = BTreeSet::new();
        let mut named: Option<Self> = None;
        let literals = source.seen.literals.iter().map(|one| (one.text.as_str(), &one.place));
        let objects = source
            .seen
            .behaviours
            .iter()
            .filter(|one| touches(one.action))
            .map(|one| (one.object.text.as_str(), &one.place));
        for (text, place) in literals.chain(objects) {
            if text.len() < 4 || text.len() > 400 {
                continue;
            }
            for store in stores_in(text).into_iter().filter(|store| families.contains(&store.family)) {
                if names.insert(store.name) {
                    named.get_or_insert_with(|| Self { stores: Vec::new(), place: place.clone() }).stores.push(store);
                }
            }
        }
        named
    }

    /// How many stores of a family are named.
    pub fn count(&self, family: Family) -> usize {
        self.stores.iter().filter(|store| store.family == family).count()
    }

    /// Their names, for a note.
    pub fn words(&self, family: Family) -> String {
        let names: Vec<&str> =
            self.stores.iter().filter(|store| store.family == family).map(|store| store.name).collect();
        let more = names.len().saturating_sub(5);
        let shown = names[..names.len() - more].join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    }
}

/// What is done with a path that is of interest.
pub const TOUCHES: &[Action] =
    &[Action::FileRead, Action::FileList, Action::FileWrite, Action::ProcExec, Action::WinregRead];

fn touches(action: Action) -> bool {
    TOUCHES.contains(&action)
}

/// The earliest phase in which a file's code does one of these things.
pub fn first_phase(source: &Source, actions: &[Action]) -> Option<Phase> {
    source.behaviours(actions).map(Seen::phase).min()
}
