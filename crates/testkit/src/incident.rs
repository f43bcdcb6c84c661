//! Inert replicas of known incidents, each with the version before it where there was one.

const INCIDENTS: &str = include_str!("../../../fixtures/incidents.txt");

/// A replica.
pub struct Incident {
    /// Its name.
    pub name: &'static str,
    /// When it was.
    pub date: &'static str,
    /// Where it shows: `S` static, `D` against the version before, `P` metadata, `Y` sandbox, `G` policy of a guard.
    pub stages: Vec<&'static str>,
    form: &'static str,
    before: Vec<(&'static str, Vec<u8>)>,
    after: Vec<(&'static str, Vec<u8>)>,
}

impl Incident {
    /// Whether it shows at this stage.
    pub fn shows(&self, stage: &str) -> bool {
        self.stages.contains(&stage)
    }

    /// The harmful version, and the name of its archive.
    pub fn after(&self) -> (String, Vec<u8>) {
        self.archive("2", &self.after)
    }

    /// The version before, when there was one.
    pub fn before(&self) -> Option<(String, Vec<u8>)> {
        (!self.before.is_empty()).then(|| self.archive("1", &self.before))
    }

    fn archive(&self, version: &str, files: &[(&'static str, Vec<u8>)]) -> (String, Vec<u8>) {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        match self.form {
            "wheel" => {
                (format!("{}-{version}-py3-none-any.whl", self.name.replace('-', "_")), crate::archive::zip(&files))
            }
            "cargo" => (format!("{}-{version}.crate", self.name), crate::archive::tgz(&files)),
            "npm" => (format!("{}-{version}.tgz", self.name), crate::archive::tgz(&files)),
            _ => (format!("{}-{version}.tar.gz", self.name), crate::archive::tgz(&files)),
        }
    }
}

/// All replicas.
pub fn incidents() -> Vec<Incident> {
    INCIDENTS.split("=== ").skip(1).map(read).collect()
}

fn read(section: &'static str) -> Incident {
    let (head, text) = section.split_once('\n').expect("a head and files");
    let [name, date, stages, form] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("four words in {head}") };
    let files = |which: &str| {
        text.split("--- ")
            .skip(1)
            .filter_map(|file| {
                let (head, text) = file.split_once('\n')?;
                let path = head.strip_prefix(which)?.trim();
                Some((path, crate::hide::from_base64(text)))
            })
            .collect()
    };
    Incident { name, date, stages: stages.split(',').collect(), form, before: files("before "), after: files("after ") }
}
