//! The names a template sees, in layers: a scenario's own over those of its fragment's caller or of the run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

/// What templates are rendered with. Cloning shares it; names can be added while it is shared.
#[derive(Debug, Clone)]
pub struct Scope {
    layer: Arc<Layer>,
}

#[derive(Debug)]
struct Layer {
    names: RwLock<BTreeMap<Arc<str>, Value>>,
    outer: Option<Scope>,
    chance: Arc<Mutex<fastrand::Rng>>,
    folder: Arc<Path>,
}

impl Scope {
    /// An empty scope. `seed` decides everything random; relative paths of `file()` are looked up in `folder`.
    pub fn new(seed: u64, folder: impl Into<PathBuf>) -> Self {
        let chance = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        Self::layer(None, chance, folder.into().into())
    }

    fn layer(outer: Option<Self>, chance: Arc<Mutex<fastrand::Rng>>, folder: Arc<Path>) -> Self {
        Self { layer: Arc::new(Layer { names: RwLock::default(), outer, chance, folder }) }
    }

    /// A scope over this one that draws from the same chance; what is set in it is not seen outside.
    #[must_use]
    pub fn inner(&self) -> Self {
        Self::layer(Some(self.clone()), self.layer.chance.clone(), self.layer.folder.clone())
    }

    /// As [`Scope::inner`], with a copy of its chance: what is drawn in it is not missing outside.
    #[must_use]
    pub fn aside(&self) -> Self {
        let chance = self.draw(|chance| chance.clone());
        Self::layer(Some(self.clone()), Arc::new(Mutex::new(chance)), self.layer.folder.clone())
    }

    /// As [`Scope::inner`], with a chance and a folder of its own: a scenario over the names of the run.
    #[must_use]
    pub fn scenario(&self, seed: u64, folder: &Path) -> Self {
        Self::layer(Some(self.clone()), Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))), folder.into())
    }

    /// As [`Scope::inner`], with another folder: a fragment's steps over the names it may see.
    #[must_use]
    pub fn fragment(&self, chance_of: &Self, folder: &Path) -> Self {
        Self::layer(Some(self.clone()), chance_of.layer.chance.clone(), folder.into())
    }

    /// Gives a name a value.
    pub fn set(&self, name: &str, value: Value) {
        self.layer.names.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), value);
    }

    /// The value of a name, from the innermost layer that has it.
    pub fn get(&self, name: &str) -> Option<Value> {
        let own = self.layer.names.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        own.or_else(|| self.layer.outer.as_ref()?.get(name))
    }

    /// The folder of relative paths.
    pub fn folder(&self) -> &Path {
        &self.layer.folder
    }

    /// A boundary between the parts of a multipart body, drawn from the scope's chance: too long to stand in any part.
    pub fn boundary(&self) -> String {
        self.draw(|chance| (0..40).map(|_| chance.alphanumeric()).collect())
    }

    /// Draws from the scope's chance.
    pub(super) fn draw<T>(&self, with: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        with(&mut self.layer.chance.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All names, each once.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.layer.outer.as_ref().map(Self::names).unwrap_or_default();
        names.extend(self.layer.names.read().unwrap_or_else(PoisonError::into_inner).keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// The engine's view of this scope.
    pub(super) fn context(&self) -> Value {
        Value::from_object(View(self.clone()))
    }

    /// The scope that a function of the engine is called in.
    pub(super) fn of(state: &minijinja::State<'_, '_>) -> Option<Self> {
        state.lookup(SELF)?.downcast_object_ref::<View>().map(|view| view.0.clone())
    }

    /// Where a dotted name stops being known, and the names known there. `None` if all of it is.
    pub(super) fn missing(&self, path: &[Arc<str>]) -> Option<(usize, Vec<Arc<str>>)> {
        let Some(mut value) = self.get(&path[0]) else { return Some((0, self.names())) };
        for (at, name) in path.iter().enumerate().skip(1) {
            match value.get_attr(name) {
                Ok(next) if !next.is_undefined() => value = next,
                _ => {
                    let keys = value.try_iter().ok().filter(|_| value.kind() == minijinja::value::ValueKind::Map);
                    let known = keys.into_iter().flatten().filter_map(|key| key.as_str().map(Into::into)).collect();
                    return Some((at, known));
                }
            }
        }
        None
    }
}

/// The name under which functions find the scope itself; no file can spell it.
const SELF: &str = "\0scope";

#[derive(Debug)]
struct View(Scope);

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == SELF {
            return Some(Value::from_dyn_object(self.clone()));
        }
        self.0.get(key)
    }
}

/// A mapping that is filled while it is looked at: `steps`, `auth`.
#[derive(Debug, Clone, Default)]
pub struct Namespace(Arc<RwLock<BTreeMap<Arc<str>, Value>>>);

impl Namespace {
    /// Gives a member a value.
    pub fn set(&self, name: &str, value: Value) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), value);
    }

    /// The mapping as a value, which follows later changes.
    pub fn value(&self) -> Value {
        Value::from_object(self.clone())
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key.as_str()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Enumerator::Values(names.keys().map(|name| Value::from(&**name)).collect())
    }
}
