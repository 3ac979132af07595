// The semver crate: Version's total order, and VersionReq. Argument: compare or match.
use std::io::{self, BufRead, Write};

fn main() {
    let matching = std::env::args().nth(1).as_deref() == Some("match");
    let mut out = io::BufWriter::new(io::stdout());
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let (a, b) = line.split_once('\t').unwrap_or((&line, ""));
        let answer = match (semver::Version::parse(a), matching) {
            (Ok(a), true) => semver::VersionReq::parse(b).map(|b| b.matches(&a).to_string()).ok(),
            (Ok(a), false) => semver::Version::parse(b).map(|b| (a.cmp(&b) as i8).to_string()).ok(),
            _ => None,
        };
        writeln!(out, "{}", answer.unwrap_or_else(|| "x".into())).unwrap();
    }
}
