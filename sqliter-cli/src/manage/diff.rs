//! `diff`: writes the migration that leads to the models.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use serde_json::json;
use sqliter::Db;
use sqliter::schema::SchemaDiff;

use super::Program;
use super::arguments::DiffArguments;
use super::compare::migrated;
use super::decide::{Question, Told};
use super::files::{NewMigration, file_name, next_version};
use super::script::script;
use crate::output::{DIM, Failure, GOOD, OPEN, Outcome, Result};

impl Program {
    pub(super) async fn diff(&self, arguments: Box<DiffArguments>) -> Result {
        let name = file_name(&arguments.name)?;
        // The first migration makes the folder.
        let files = if self.folder.exists() { self.files().await? } else { Vec::new() };
        let migrations = self.with_rust(files.clone());
        let db = Db::memory().await?;
        db.migrate(migrations.clone()).await?;
        let before = migrated(&db).await?;
        let models = (self.schema)()?;
        let diff = (self.diff)(&before)?;

        let mut told = Told::new(&before, &models, &diff, &arguments)?;
        let open = self.settle(&diff, &mut told)?;
        if !open.is_empty() {
            return self.undecided(&diff, &open);
        }
        let statements = diff.sql(&told.decisions)?;
        told.check(&diff, &arguments, &statements)?;
        if statements.is_empty() {
            return self.nothing(&diff);
        }
        let version = next_version(&db, &migrations).await?;
        let mut new = NewMigration { version, name, up: script(&statements), down: None };
        let back = self.way_back(&files, &new, &before, &told).await?;
        new.down = back.as_ref().ok().cloned();
        let paths = if arguments.dry_run { Vec::new() } else { self.write(&new)? };

        self.output.json(&json!({
            "version": new.version,
            "files": paths,
            "differences": diff.differences,
            "up": new.up,
            "down": new.down,
            "no_way_back": back.as_ref().err(),
        }))?;
        self.show(&new, &back, &paths)?;
        Ok(Outcome::Fine)
    }

    /// Asks for what must be told, where there is a terminal. Gives what is not told then.
    fn settle(&self, diff: &SchemaDiff, told: &mut Told<'_>) -> Result<Vec<Question>> {
        let has_person = !self.output.is_json() && io::stdin().is_terminal() && io::stderr().is_terminal();
        let mut given = Vec::new();
        loop {
            let open = told.questions(diff)?;
            let Some(question) = open.first().filter(|_| has_person) else {
                if !given.is_empty() {
                    self.output.line(self.output.paint(DIM, format!("-- told: {}", given.join(" "))))?;
                }
                return Ok(open);
            };
            let Some(answer) = question.ask(&mut io::stdin().lock(), &mut io::stderr().lock())? else {
                return Ok(open);
            };
            given.push(answer.option());
            told.add(answer)?;
            if told.questions(diff)?.contains(question) {
                return Err(Failure::Other(format!("this does not settle it: {}", question.text())));
            }
        }
    }

    fn undecided(&self, diff: &SchemaDiff, open: &[Question]) -> Result {
        let needs: Vec<_> = open.iter().map(|it| json!({ "question": it.text(), "options": it.options() })).collect();
        self.output.json(&json!({ "files": [], "differences": diff.differences, "needs": needs }))?;
        self.output.line(self.output.paint(OPEN, "no migration is written before this is told:"))?;
        for question in open {
            self.output.line(format!("- {}", question.text()))?;
            for option in question.options() {
                self.output.line(format!("    {option}"))?;
            }
        }
        Ok(Outcome::Found)
    }

    fn nothing(&self, diff: &SchemaDiff) -> Result {
        self.output.json(&json!({ "files": [], "differences": diff.differences }))?;
        self.output.line("nothing to do: the migrations lead to the models")?;
        for difference in &diff.differences {
            self.output.line(format!("it stays as it is: {difference}"))?;
        }
        Ok(Outcome::Fine)
    }

    fn show(&self, new: &NewMigration, back: &super::back::WayBack, paths: &[PathBuf]) -> Result<()> {
        self.output.line(self.output.paint(DIM, "-- up"))?;
        self.output.line(new.up.trim_end())?;
        match back {
            Ok(down) => {
                self.output.line(self.output.paint(DIM, "\n-- down"))?;
                self.output.line(down.trim_end())?;
            }
            Err(reason) => {
                self.output.line(self.output.paint(OPEN, format!("\n-- it cannot be undone: {reason}")))?;
            }
        }
        self.output.line("")?;
        for path in paths {
            self.output.line(format!("{} {}", self.output.paint(GOOD, "wrote"), path.display()))?;
        }
        self.output.line(match paths.is_empty() {
            true => "nothing is written (--dry-run)",
            false => "read it; then `migrate` applies it",
        })
    }
}
