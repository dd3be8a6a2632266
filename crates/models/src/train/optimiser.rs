//! AdamW with a clipped gradient, and the learning-rate schedule.
use candle_core::{backprop::GradStore, Device, Result, Tensor, Var};
use std::collections::{BTreeMap, HashMap};

/// The optimiser's constants.
#[derive(Clone, Copy, Debug)]
pub struct AdamWParams {
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Keeps the division defined.
    pub epsilon: f64,
    /// Pull towards 0 of weight matrices, per unit of learning rate.
    pub weight_decay: f64,
    /// Longest allowed gradient (Euclidean norm over all weights).
    pub clip: f64,
}

impl Default for AdamWParams {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
            clip: 1.0,
        }
    }
}

/// Learning rate over a run: linear warm-up, then half a cosine down to a tenth of the peak.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Highest learning rate.
    pub peak: f64,
    /// Steps of warm-up.
    pub warmup: u64,
    /// Steps of the whole run.
    pub steps: u64,
}

impl Schedule {
    /// The learning rate of `step`, counted from 0.
    pub fn at(&self, step: u64) -> f64 {
        if step < self.warmup {
            return self.peak * (step + 1) as f64 / self.warmup as f64;
        }
        let done = (step - self.warmup) as f64 / self.steps.saturating_sub(self.warmup).max(1) as f64;
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos());
        self.peak * (0.1 + 0.9 * cosine)
    }
}

struct Moments {
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// AdamW (Loshchilov and Hutter, 2019) over named variables. Its state can be saved and restored, which is why it is not
/// candle's own.
pub struct AdamW {
    params: AdamWParams,
    step: u64,
    moments: BTreeMap<String, Moments>,
}

impl AdamW {
    /// An optimiser that has seen nothing yet.
    pub fn new(params: AdamWParams) -> Self {
        Self {
            params,
            step: 0,
            moments: BTreeMap::new(),
        }
    }

    /// Changes every variable by one step; answers the gradient's norm before clipping. Biases and norms (vectors) do not decay.
    pub fn update(&mut self, vars: &BTreeMap<String, Var>, grads: &GradStore, learning_rate: f64) -> Result<f64> {
        let mut gradients: HashMap<&str, Vec<f32>> = HashMap::new();
        let mut squares = 0f64;
        for (name, var) in vars {
            if let Some(gradient) = grads.get(var) {
                let values = gradient.flatten_all()?.to_vec1::<f32>()?;
                squares += values.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>();
                gradients.insert(name, values);
            }
        }
        let norm = squares.sqrt();
        let shrink = if norm > self.params.clip {
            (self.params.clip / norm) as f32
        } else {
            1.0
        };
        self.step += 1;
        for (name, var) in vars {
            let Some(gradient) = gradients.get(name.as_str()) else {
                continue;
            };
            let decay = if var.rank() > 1 { self.params.weight_decay } else { 0.0 };
            let updated = self.updated(name, var, gradient, (shrink, learning_rate, decay))?;
            var.set(&updated)?;
        }
        Ok(norm)
    }

    fn updated(&mut self, name: &str, var: &Var, gradient: &[f32], rates: (f32, f64, f64)) -> Result<Tensor> {
        let (shrink, learning_rate, decay) = rates;
        let AdamWParams {
            beta1, beta2, epsilon, ..
        } = self.params;
        let moments = self.moments.entry(name.to_owned()).or_insert_with(|| Moments {
            mean: vec![0.0; gradient.len()],
            square: vec![0.0; gradient.len()],
        });
        let step_size = (learning_rate / (1.0 - beta1.powf(self.step as f64))) as f32;
        let square_scale = (1.0 / (1.0 - beta2.powf(self.step as f64))) as f32;
        let keep = (1.0 - learning_rate * decay) as f32;
        let (beta1, beta2, epsilon) = (beta1 as f32, beta2 as f32, epsilon as f32);
        let mut values = var.flatten_all()?.to_vec1::<f32>()?;
        let state = moments.mean.iter_mut().zip(moments.square.iter_mut());
        for ((value, gradient), (mean, square)) in values.iter_mut().zip(gradient).zip(state) {
            let gradient = gradient * shrink;
            *mean = beta1 * *mean + (1.0 - beta1) * gradient;
            *square = beta2 * *square + (1.0 - beta2) * gradient * gradient;
            *value = *value * keep - step_size * *mean / ((*square * square_scale).sqrt() + epsilon);
        }
        Tensor::from_vec(values, var.shape(), &Device::Cpu)
    }

    /// The state as tensors, to be saved beside the weights.
    pub(crate) fn state(&self) -> Result<HashMap<String, Tensor>> {
        let mut state = HashMap::new();
        for (name, moments) in &self.moments {
            for (kind, values) in [("mean", &moments.mean), ("square", &moments.square)] {
                let tensor = Tensor::from_slice(values, values.len(), &Device::Cpu)?;
                state.insert(format!("{kind}.{name}"), tensor);
            }
        }
        Ok(state)
    }

    /// Takes up a saved state after `step` steps.
    pub(crate) fn restore(&mut self, step: u64, state: &HashMap<String, Tensor>) -> Result<()> {
        self.step = step;
        for (key, tensor) in state {
            if let Some(name) = key.strip_prefix("mean.") {
                if let Some(square) = state.get(&format!("square.{name}")) {
                    let moments = Moments {
                        mean: tensor.to_vec1()?,
                        square: square.to_vec1()?,
                    };
                    self.moments.insert(name.to_owned(), moments);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learning_rate_rises_to_its_peak_and_falls_to_a_tenth() {
        let schedule = Schedule {
            peak: 1.0,
            warmup: 10,
            steps: 110,
        };
        assert!((schedule.at(0) - 0.1).abs() < 1e-12);
        assert!((schedule.at(9) - 1.0).abs() < 1e-12);
        assert!((schedule.at(60) - 0.55).abs() < 1e-9);
        assert!((schedule.at(110) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn it_finds_the_minimum_of_a_parabola() {
        let var = Var::from_vec(vec![5f32, -3.0], 2, &Device::Cpu).unwrap();
        let vars = BTreeMap::from([("x".to_owned(), var.clone())]);
        let mut optimiser = AdamW::new(AdamWParams::default());
        for _ in 0..400 {
            let loss = (var.as_tensor() - 1.0).unwrap().sqr().unwrap().sum_all().unwrap();
            optimiser.update(&vars, &loss.backward().unwrap(), 0.05).unwrap();
        }
        for value in var.to_vec1::<f32>().unwrap() {
            assert!((value - 1.0).abs() < 0.02, "{value}");
        }
    }
}
