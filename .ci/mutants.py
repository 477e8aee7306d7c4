"""Check that the notebooks' tests notice wrong mathematics. Run it with the Python of a development install.

    python .ci/mutants.py [--sample N] [--only TEXT...] [-j N] [-v]

Each line of the table is a mistake: a text that a module has exactly once, and what stands there by mistake. It is made in the
notebook's own cells and in a copy of the package, and the notebook is run. A cell with a test in it must stop.

Each notebook is run once as it is. Before a cell that has mistakes in the table, the process forks for each of them; the forks wait,
and when all notebooks have passed, each runs its cell with the mistake and the cells after it. So nothing is run twice."""
import argparse, contextlib, datetime, json, os, random, re, shutil, signal, subprocess, sys, tempfile, time, warnings
from collections import namedtuple
from configparser import ConfigParser
from multiprocessing import Pipe
from multiprocessing.connection import Client, Listener, wait
from pathlib import Path

one_thread = {f'{k}_NUM_THREADS': '1' for k in ('OMP', 'MKL', 'OPENBLAS')}
os.environ.update(one_thread, MPLBACKEND='Agg', PYTHONDONTWRITEBYTECODE='1', IN_TEST='1')
top = Path(__file__).resolve().parent.parent

# ---- the mistakes: module: [(name, what stands there, what the mistake is, and the notebook that should notice, if not the module's own)]

table = {
'core': [
    ('atomic: the mode of the writer', '        tmp.chmod(mode)\n', ''),
    ('file_hash: the first piece only', 'while part := f.read(1<<20)', 'if part := f.read(1<<20)'),
    ('file_hash: another hash', 'h = hashlib.sha256()', 'h = hashlib.sha1()'),
    ('to_uint8: cut off instead of rounded', '+ 1)*127.5).round()', '+ 1)*127.5)'),
    ('to_uint8: range 0 to 1', '.clamp(-1,1) + 1)*127.5)', '.clamp(0,1))*255)'),
    ('to_tensor: scaled to 0..1', 'torch.from_numpy(a.copy()).permute(0,3,1,2).float()/127.5 - 1', 'torch.from_numpy(a.copy()).permute(0,3,1,2).float()/255'),
    ('generator: (1,) and (1,0) are one stream', 'SeedSequence([len(keys), *map(int, keys)])', 'SeedSequence([*map(int, keys)])'),
    ('generator: the order of the keys does not count', '*map(int, keys)]', '*sorted(map(int, keys))]'),
    ('randn_each: the first image\'s stream for all', 'torch.randn(shape, generator=g, device=\'cpu\') for g in gens', 'torch.randn(shape, generator=gens[0], device=\'cpu\') for g in gens'),
],
'gaussian': [
    ('log_normal: 2 left out of 2 pi', 'torch.log(2*math.pi*var)', 'torch.log(math.pi*var)'),
    ('log_normal: deviation for variance', '(x-mean)**2/var +', '(x-mean)**2/var.sqrt() +'),
    ('gaussian_product: means weighted with the other variance', 'mean1/var1 + mean2/var2', 'mean1/var2 + mean2/var1'),
    ('gaussian_product: variances added', '1/(1/var1 + 1/var2)', 'var1 + var2'),
    ('gaussian_kl: log ratio upside down', 'torch.log(var2/var1)', 'torch.log(var1/var2)'),
    ('gaussian_kl: divided by the variance of p', '(var1 + (mean1-mean2)**2)/var2', '(var2 + (mean1-mean2)**2)/var1'),
    ('gaussian_kl: 1 not subtracted', '/var2 - 1)', '/var2)'),
    ('gaussian_kl: half left out', '.5*(torch.log(var2', '(torch.log(var2'),
    ('discrete_kl: cross entropy the other way round', 'torch.xlogy(p, q)', 'torch.xlogy(q, p)'),
    ('discrete_kl: 0 log 0 is nan', 'torch.xlogy(p, p)', 'p*p.log()'),
    ('log_bin: bins twice as wide', '1/255', '1/127.5'),
    ('log_bin: uppermost bin not open', 'torch.where(x > 1-half, torch.inf, (x+half-mean)/std)', '(x+half-mean)/std'),
    ('log_bin: lowest bin not open', 'torch.where(x < -1+half, -torch.inf, (x-half-mean)/std)', '(x-half-mean)/std'),
    ('log_bin: upper tail not mirrored', 'flip = lo+hi > 0', 'flip = lo+hi > torch.inf'),
    ('log_bin: variance for deviation', 'var.sqrt(), 1/255', 'var, 1/255'),
],
'schedules': [
    ('abar: t off by one', 'self.alpha.cumprod(0) ', 'torch.cat([self.alpha[:1]**.5, self.alpha[:-1]]).cumprod(0) '),
    ('abar_prev is abar', 'torch.cat([self.alpha_bar.new_ones(1), self.alpha_bar[:-1]])', 'self.alpha_bar'),
    ('abar_prev of step 0 is not 1', 'self.alpha_bar.new_ones(1)', 'self.alpha_bar[:1]'),
    ('beta for beta tilde', 'self.beta*(1-self.alpha_bar_prev)/(1-self.alpha_bar)', 'self.beta.clone()'),
    ('float32 tables', 'torch.as_tensor(beta, dtype=torch.float64', 'torch.as_tensor(beta, dtype=torch.float32'),
    ('bfloat16 tables', 'torch.as_tensor(beta, dtype=torch.float64', 'torch.as_tensor(beta, dtype=torch.bfloat16'),
    ('tables through bfloat16', "torch.as_tensor(beta, dtype=torch.float64, device='cpu')", "torch.as_tensor(beta, device='cpu').bfloat16().double()"),
    ('float32 tables on other devices', 'torch.float32 if device.type==\'mps\' else torch.float64', 'torch.float32'),
    ('sigma: root left out', '((1-self.alpha_bar)/self.alpha_bar).sqrt()', '((1-self.alpha_bar)/self.alpha_bar)'),
    ('snr upside down', 'return self.alpha_bar/(1-self.alpha_bar)', 'return (1-self.alpha_bar)/self.alpha_bar'),
    ('post_log_var: not clipped', 'self.post_var[1:2] if len(self)>1', 'self.post_var[:1] if len(self)>1'),
    ('post_log_var: clipped to beta', 'self.post_var[1:2] if len(self)>1', 'self.beta[:1] if len(self)>1'),
    ('post_log_var: one step, log of 0', 'else self.beta, self.post_var[1:]', 'else self.post_var, self.post_var[1:]'),
    ('pure_noise: nearly is enough', 'self.alpha_bar[-1].item()==0', 'self.alpha_bar[-1].item()<1e-4'),
    ('check_beta: a beta of 1 in the middle passes', 'ok[-1] |= beta[-1]==1', 'ok |= beta==1'),
    ('check_beta: a beta of 1 at the end is refused', 'ok[-1] |= beta[-1]==1', 'ok[-1] |= False'),
    ('linear: not rescaled', '(beta*1000/n_steps).clamp(max=.999)', 'beta.clamp(max=.999)'),
    ('linear: rescaled the other way', '(beta*1000/n_steps)', '(beta*n_steps/1000)'),
    ('linear: rescaled without a cap', '(beta*1000/n_steps).clamp(max=.999)', '(beta*1000/n_steps)'),
    ('from_alpha_bar: ratio upside down', '1 - alpha_bar/before', 'before/alpha_bar - 1'),
    ('from_alpha_bar: no cap', '(1 - alpha_bar/before).clamp(max=max_beta)', '(1 - alpha_bar/before)'),
    ('cosine: offset left out below', '(u+s)/(1+s)', '(u+s)'),
    ('cosine: offset left out', 'torch.cos((u+s)/(1+s)', 'torch.cos(u'),
    ('cosine: not divided by f(0)', 'f(u)/f(torch.zeros_like(u))', 'f(u)'),
    ('cosine: square left out', '*math.pi/2)**2', '*math.pi/2)'),
    ('cosine: t off by one', 'ramp(n_steps, 1/n_steps if n_steps else 0, 1)', 'ramp(n_steps, .5/n_steps if n_steps else 0, 1-.5/n_steps)'),
    ('quadratic: straight line of betas', 'ramp(n_steps, min_beta**.5, max_beta**.5)**2', 'ramp(n_steps, min_beta, max_beta)'),
    ('sigmoid: half of the curve', 'ramp(n_steps, -6, 6)', 'ramp(n_steps, 0, 6)'),
    ('sigmoid: starts at 0', 'min_beta + (max_beta-min_beta)*ramp', 'max_beta*ramp'),
    ('warmup: end reached one step late', 'beta[:n] = ramp(n, min_beta, max_beta)', 'beta[:n] = ramp(n+1, min_beta, max_beta)[:n]'),
    ('zero_snr: not shifted', '((a-a[-1])*a[0]/(a[0]-a[-1]))', '(a*(1-1e-9))'),
    ('zero_snr: not stretched', '(a-a[-1])*a[0]/(a[0]-a[-1])', 'a-a[-1]'),
    ('zero_snr: on abar instead of its root', 'alpha_bar.sqrt()\n    return from_alpha_bar(((a-a[-1])*a[0]/(a[0]-a[-1]))**2)', 'alpha_bar\n    return from_alpha_bar((a-a[-1])*a[0]/(a[0]-a[-1]))'),
    ('even grid: cut off instead of rounded', '.round().long()', '.long()'),
    ('leading grid: multiples of a fraction', 'i*(n_steps//steps)', 'i*n_steps//steps'),
    ('leading grid: ends at the last step of each part', 'i*(n_steps//steps)', '(i+1)*(n_steps//steps)-1'),
    ('trailing grid: off by one', 'round(n_steps - i*n_steps/steps)-1', 'round(n_steps - i*n_steps/steps)'),
    ('trailing grid: cut off instead of rounded', 'round(n_steps - i*n_steps/steps)-1', 'int(n_steps - i*n_steps/steps)-1'),
    ('quadratic grid: a step repeated', 'max(ts[-1]+1, round((n_steps-1)*(i/(steps-1))**2))', 'round((n_steps-1)*(i/(steps-1))**2)'),
    ('quadratic grid: not squared', '(i/(steps-1))**2', '(i/(steps-1))'),
    ('section grid: remainder lost', ' + min(i, n_steps%len(counts))', ''),
    ('section grid: remainder in the last section', 'i*(n_steps//len(counts)) + min(i, n_steps%len(counts))', 'n_steps if i==len(counts) else i*(n_steps//len(counts))'),
    ('section grid: sections share an edge', '(hi-lo-1)/(n-1) if n>1', '(hi-lo)/(n-1) if n>1'),
    ('section grid: halves rounded apart', 'ts.append(lo + round(i))', 'ts.append(round(lo + i))'),
    ('check_steps: a repeated step passes', 'ts[-1]>=0 and all(a>b', 'ts[-1]>=0 and all(a>=b'),
    ('check_steps: -1 passes', 'ts[-1]>=0 and', 'ts[-1]>=-1 and'),
    ('check_steps: a step beyond the last passes', 'ts[0]<=n_steps-1', 'ts[0]<=n_steps'),
    ('respaced: betas instead of abar kept', 'return from_alpha_bar(sched.to(\'cpu\').alpha_bar[', 'return Schedule(sched.to(\'cpu\').beta['),
    ('VE.at: scaled to variance one', 'return 1., float(t)', 'return (1+t*t)**-.5, t*(1+t*t)**-.5'),
    ('VE.at: squared for tensors', 'return torch.ones_like(t), t', 'return torch.ones_like(t), t**2'),
    ('VE.check: a repeated level passes', 'ts[-1]>0 and all(a>b', 'ts[-1]>0 and all(a>=b'),
    ('VE.check: level 0 passes', 'ts[-1]>0 and', 'ts[-1]>=0 and'),
    ('check_t: T passes', 't.max()<n_steps', 't.max()<=n_steps'),
    ('at: abar of the step before, numbers', 'self.alpha_bar[int(t)].item()', 'self.alpha_bar_prev[int(t)].item()'),
    ('at: abar of the step before, tensors', 'abar = self.alpha_bar[t]\n', 'abar = self.alpha_bar_prev[t]\n'),
    ('at: roots left out, numbers', 'return abar**.5, (1-abar)**.5', 'return abar, 1-abar'),
    ('at: roots left out, tensors', 'return abar.sqrt(), (1-abar).sqrt()', 'return abar, 1-abar'),
    ('at: noise 1 - a instead of the root of 1 - abar', 'return abar**.5, (1-abar)**.5', 'return abar**.5, 1-abar**.5'),
    ('at: step -1 is step 0', 'if t==self.end: return 1., 0.', 'if t==self.end: t = 0'),
    ('at: a step outside passes', 'if not 0 <= t <= len(self)-1: raise', 'if t!=t: raise'),
    ('at: fractional steps cut off', 'if t==int(t): abar', 'if t>=0: abar'),
    ('at: fractional steps not in log', 'math.exp(2*np.interp(t, np.arange(len(self)), self.sigma.log().cpu()))', 'np.interp(t, np.arange(len(self)), self.sigma.cpu())**2'),
    ('at: sigma not squared', 'math.exp(2*np.interp', 'math.exp(np.interp'),
    ('sigma_at: noise without the image', 'return s/a if a else', 'return s if a else'),
    ('t_of: not in log', 'np.interp(math.log(sigma), log[keep],', 'np.interp(sigma, np.exp(log[keep]),'),
    ('karras grid: rho ignored', 'ramp(n, sigma_max**(1/rho), sigma_min**(1/rho))**rho', 'ramp(n, sigma_max, sigma_min)'),
    ('karras grid: powers for roots', 'ramp(n, sigma_max**(1/rho), sigma_min**(1/rho))**rho', 'ramp(n, sigma_max**rho, sigma_min**rho)**(1/rho)'),
    ('karras grid: another rho', 'rho:float=7.', 'rho:float=5.'),
    ('exponential grid: not in log', 'ramp(n, math.log(sigma_max), math.log(sigma_min)).exp()', 'ramp(n, sigma_max, sigma_min)'),
    ('sigma_steps: starts at an infinite level', 's[s.isfinite()][-1].item()', 's[-1].item()'),
    ('check_sigmas: rising ends pass', '0 < sigma_min < sigma_max < math.inf', '0 < sigma_min < math.inf'),
],
'diffusion': [
    ('bcast: bfloat16 stays bfloat16', 'dtype = torch.promote_types(x.dtype, torch.float32)', 'dtype = x.dtype'),
    ('bcast: float64 becomes float32', 'dtype = torch.promote_types(x.dtype, torch.float32)', 'dtype = torch.float32'),
    ('levels: image and noise swapped', 'return bcast(a, x), bcast(s, x)', 'return bcast(s, x), bcast(a, x)'),
    ('q_sample: root of abar left out', 'return a*x0 + s*eps', 'return a**2*x0 + s*eps'),
    ('q_sample: root of 1 - abar left out', 'return a*x0 + s*eps', 'return a*x0 + s**2*eps'),
    ('q_sample: t off by one', 'a, s = levels(sched, t, x0)\n    return a*x0', 'a, s = levels(sched, (t+1).clamp(max=len(sched)-1), x0)\n    return a*x0'),
    ('q_step: root of 1 - beta left out', 'bcast((1-beta).sqrt(), x_prev)*x_prev', 'bcast(1-beta, x_prev)*x_prev'),
    ('q_step: root of beta left out', 'bcast(beta.sqrt(), x_prev)', 'bcast(beta, x_prev)'),
    ('q_step: t off by one', 'beta = sched.beta[t]\n    return bcast', 'beta = sched.beta[(t-1).clamp(min=0)]\n    return bcast'),
    ('q_posterior: abar for abar_prev', 'sched.alpha_bar[t], sched.alpha_bar_prev[t], sched.beta[t]', 'sched.alpha_bar[t], sched.alpha_bar[t], sched.beta[t]'),
    ('q_posterior: root of abar_prev left out', 'abar_prev.sqrt()*beta/(1-abar)', 'abar_prev*beta/(1-abar)'),
    ('q_posterior: root of alpha left out', '(1-beta).sqrt()*(1-abar_prev)/(1-abar)', '(1-beta)*(1-abar_prev)/(1-abar)'),
    ('q_posterior: beta for beta tilde', 'return mean, bcast(sched.post_var[t], x_t)', 'return mean, bcast(sched.beta[t], x_t)'),
    ('q_posterior: clipped variance', 'return mean, bcast(sched.post_var[t], x_t)', 'return mean, bcast(sched.post_log_var[t].exp(), x_t)'),
    ('make_target: sign of v', 'return a*eps - s*x0 if', 'return s*x0 - a*eps if'),
    ('make_target: factors of v swapped', 'return a*eps - s*x0 if', 'return s*eps - a*x0 if'),
    ('make_target: sign of the score', 'else -eps/s ', 'else eps/s '),
    ('make_target: score divided by the variance', 'else -eps/s ', 'else -eps/s**2 '),
    ('check_target: score with pure noise passes', "if target in ('eps','score') and sched", "if target=='eps' and sched"),
    ('check_target: v with VE passes', "if target=='v' and isinstance(sched, VE)", "if target=='v' and sched==0"),
    ('to_x0: eps without division', 'return (x_t - s*out)/a', 'return (x_t - s*out)'),
    ('to_x0: eps with the variance', 'return (x_t - s*out)/a', 'return (x_t - s**2*out)/a'),
    ('to_x0: sign of v', 'return a*x_t - s*out', 'return a*x_t + s*out'),
    ('to_x0: score with the deviation', 'return (x_t + s**2*out)/a', 'return (x_t + s*out)/a'),
    ('to_x0: score without division', 'return (x_t + s**2*out)/a', 'return (x_t + s**2*out)'),
    ('to_eps: without division', 'return (x_t - a*x0)/s', 'return (x_t - a*x0)'),
    ('to_eps: image without its factor', 'return (x_t - a*x0)/s', 'return (x_t - x0)/s'),
    ('draw_t: step 0 left out', 'torch.randint(0, n_steps,', 'torch.randint(1, n_steps,'),
    ('draw_t: last step left out', 'torch.randint(0, n_steps,', 'torch.randint(0, n_steps-1,'),
    ('image_losses: sum for mean', "reduction='none').flatten(1).mean(1)", "reduction='none').flatten(1).sum(1)"),
    ('ddpm_loss: mean weight times mean loss', '(losses*weight(t, sched, target)).mean()', 'losses.mean()*weight(t, sched, target).mean()'),
    ('snr_at: square left out', 'return (a/s)**2', 'return a/s'),
    ('loss_weight: eps upside down', 'w = w*(s/a)**2', 'w = w*(a/s)**2'),
    ('loss_weight: v as eps', 'w = w*s**2', 'w = w*(s/a)**2  '),
    ('loss_weight: v divided by the SNR plus 1 twice', 'w = w*s**2', 'w = w*s**4'),
    ('loss_weight: score as eps', 'w = w*(s**2/a)**2', 'w = w*(s/a)**2 '),
    ('min_snr: at least gamma', '.clamp(max=gamma)', '.clamp(min=gamma)'),
    ('min_snr: gamma ignored', '.clamp(max=gamma)', '.clamp(max=5)'),
    ('min_snr: weight of eps for all targets', '.clamp(max=gamma), t, sched, target)', ".clamp(max=gamma), t, sched, 'eps')"),
    ('p2: weight of eps taken for that of the image', 'loss_weight(snr/(k+snr)**gamma', 'loss_weight(1/(k+snr)**gamma'),
    ('p2: gamma on the SNR alone', '(k+snr)**gamma', '(k+snr**gamma)'),
    ('p2: k ignored', '(k+snr)**gamma', '(1+snr)**gamma'),
    ('edm: variance not divided by', 'snr + 1/sigma_data**2', 'snr + sigma_data**2'),
    ('edm: deviation for variance', 'snr + 1/sigma_data**2', 'snr + 1/sigma_data'),
    ('vlb: half left out', 'abar_prev*beta**2/(2*var*', 'abar_prev*beta**2/(var*'),
    ('vlb: alpha left out', 'abar_prev*beta**2/', 'abar*beta**2/'),
    ('vlb: always the variance beta', 'var = beta if large else sched.post_log_var[t].exp()', 'var = beta'),
    ('vlb: variance not clipped', 'var = beta if large else sched.post_log_var[t].exp()', 'var = beta if large else sched.post_var[t]'),
    ('mix_log_var: bounds swapped', 'log_small + (mix+1)/2*(log_large-log_small)', 'log_large + (mix+1)/2*(log_small-log_large)'),
    ('mix_log_var: mix from 0 to 1', 'log_small + (mix+1)/2*(', 'log_small + mix*('),
    ('split_mix: halves swapped', 'return out.chunk(2, dim=1)', 'return out.chunk(2, dim=1)[::-1]'),
    ('split_mix: channels in turn', 'return out.chunk(2, dim=1)', 'return out[:,::2], out[:,1::2]'),
    ('bound_term: KL the other way round', 'gaussian_kl(true_mean, bcast(sched.post_log_var[t].exp(), x_t), mean, log_var.exp())', 'gaussian_kl(mean, log_var.exp(), true_mean, bcast(sched.post_log_var[t].exp(), x_t))'),
    ('bound_term: beta for beta tilde', 'gaussian_kl(true_mean, bcast(sched.post_log_var[t].exp(), x_t)', 'gaussian_kl(true_mean, bcast(sched.beta[t], x_t)'),
    ('bound_term: L_0 missing', 'torch.where(first, -log_bin(x0, mean, log_var.exp()), kl)', 'torch.where(first, 0*kl, kl)'),
    ('bound_term: a KL for L_0', 'torch.where(first, -log_bin(x0, mean, log_var.exp()), kl)', 'kl'),
    ('bound_term: sign of L_0', '-log_bin(x0, mean', 'log_bin(x0, mean'),
    ('bound_term: L_0 at step 1', 'first = bcast(t, x_t)==0', 'first = bcast(t, x_t)==1'),
    ('hybrid_loss: without detach', 'out.detach()', 'out'),
    ('hybrid_loss: without the factor T', 'scale*len(sched)*bound.mean()', 'scale*bound.mean()'),
    ('hybrid_loss: bounds of the variance swapped', 'bcast(sched.post_log_var[t], x_t), bcast(sched.beta[t].log(), x_t)', 'bcast(sched.beta[t].log(), x_t), bcast(sched.post_log_var[t], x_t)'),
    ('hybrid_loss: bound of another target', 'to_x0(target, out.detach()', "to_x0('eps', out.detach()"),
    ('importance: weights missing', '(1/(len(self.count)*self.probs[t])).float()', 'torch.ones(n)'),
    ('importance: weights not divided by T', '(1/(len(self.count)*self.probs[t])).float()', '(1/self.probs[t]).float()'),
    ('importance: mean for root mean square', '(self.losses**2).mean(1).sqrt()', 'self.losses.mean(1)'),
    ('importance: root left out', '(self.losses**2).mean(1).sqrt()', '(self.losses**2).mean(1)'),
    ('importance: no uniform share', '(1-self.uniform)*p/p.sum() + self.uniform*flat', 'p/p.sum()'),
    ('importance: used before all steps have losses', '(self.count < history).any()', '(self.count < history).all()'),
    ('lognormal_t: sign of the mean', '(mean + std*torch.randn', '(-mean + std*torch.randn'),
    ('lognormal_t: variance for deviation', '(mean + std*torch.randn', '(mean + std**2*torch.randn'),
    ('lognormal_t: one step late', 'round(sched.t_of(s))', 'min(round(sched.t_of(s))+1, len(sched)-1)'),
],
'data': [
    ('image_dls: another order, another split', 'get_data(source, seed=split_seed, **kwargs)', 'get_data(source, seed=seed, **kwargs)'),
    ('on_white: on black', "Image.new('RGBA', im.size, 'white')", "Image.new('RGBA', im.size, 'black')"),
    ('on_white: transparency dropped', "Image.alpha_composite(Image.new('RGBA', im.size, 'white'), im.convert('RGBA')).convert('RGB')", "im.convert('RGB')"),
    ('emoji: categories in another order', 'classes = sorted({category[n] for n in names})', 'classes = sorted({category[n] for n in names})[::-1]'),
    ('emoji: one skin tone is a family of its own', "('1f3fb','1f3fc','1f3fd','1f3fe','1f3ff','fe0f')", "('1f3fb','1f3fc','1f3fd','1f3fe','fe0f')"),
    ('split_families: images, not families', 'valid = torch.tensor([f in held for f in families])', 'valid = torch.arange(len(families)) % 3 == 0'),
    ('split_families: copies stay', 'without_copies(data.subset(valid), train)', 'data.subset(valid)'),
    ('without_copies: nothing is a copy', 'x.numpy().tobytes() not in known', 'len(known) > 1'),
    ('emoji: version left out of the name', "'@'.join(emoji_file", "'-'.join(emoji_file"),
    ('fit_images: greys cut off', '7471*b + 32768)', '7471*b)'),
    ('npz: class names ignored', "names = [str(c) for c in a.get('classes', [])]", 'names = []'),
    ('jpeg_pack: test labels of the training set', "a[f'y_{part}']", "a['y_train']"),
    ('data_hash: labels do not count', 'for x in (data.images, data.labels):', 'for x in (data.images,):'),
],
'pretrained': [
    ('check_hash: never', 'if have!=want: raise', 'if False: raise'),
    ('write_pretrained: bfloat16 for half', 'else v.half()', 'else v.bfloat16()'),
    ('write_pretrained: betas at half precision', "v if k=='beta' else v.half()", 'v.half()'),
    ('check_pretrained: nothing is good enough', "< c['tolerance']", '< -1'),
    ('check_pretrained: other steps than the card says', "c['n'], c['steps'])", "c['n'], c['steps']+1)"),
    ('check_pretrained: anything is good enough', "abs(now/c['value'] - 1) < c['tolerance']", 'True'),
    ('find_model: a name before a folder', 'if Path(name).exists(): return', 'if False: return'),
],
'sampling': [
    ('dynamic_threshold: without division', 'return x0.clamp(-s, s)/s', 'return x0.clamp(-s, s)'),
    ('dynamic_threshold: at least 1 left out', '.clamp(min=1).view(', '.view('),
    ('dynamic_threshold: one threshold for the batch', 'torch.quantile(x0.flatten(1).abs(), p, dim=1)', 'torch.quantile(x0.abs(), p)'),
    ('dynamic_threshold: sign lost', 'torch.quantile(x0.flatten(1).abs()', 'torch.quantile(x0.flatten(1)'),
    ('clip_unit: range 0 to 1', 'x0.clamp(-1, 1)\n', 'x0.clamp(0, 1)\n'),
    ('denoise: not clipped', 'if clip: x0 =', 'if callable(clip): x0 ='),
    ('denoise: eps not derived again', "if not rederive: out = convert(out, target, 'eps', x_t, t, sched)\n    if clip: x0 = (clip_unit if clip is True else clip)(x0)\n    return Pred(x0, to_eps(x0, x_t, t, sched) if rederive else out, mix)",
        "out = convert(out, target, 'eps', x_t, t, sched)\n    if clip: x0 = (clip_unit if clip is True else clip)(x0)\n    return Pred(x0, out, mix)"),
    ('denoise: rederive=False hands on any target as eps', "if not rederive: out = convert(out, target, 'eps', x_t, t, sched)", 'if not rederive: pass'),
    ('denoise: the answer stays bfloat16', 'model(x_t, ts).to(dtype)', 'model(x_t, ts)'),
    ('denoise: steps of the network off by one', 'torch.full((len(x_t),), t,', 'torch.full((len(x_t),), t+1,'),
    ('beta_tilde: beta', 'def beta_tilde(pred, small, large): return small', 'def beta_tilde(pred, small, large): return large'),
    ('beta_large: beta tilde', 'def beta_large(pred, small, large): return large', 'def beta_large(pred, small, large): return small'),
    ('learned: bounds swapped', 'mix_log_var(pred.mix, math.log(small), math.log(large))', 'mix_log_var(pred.mix, math.log(large), math.log(small))'),
    ('learned: mixture without logarithms', 'mix_log_var(pred.mix, math.log(small), math.log(large)).exp()', 'mix_log_var(pred.mix, small, large)'),
    ('jump: a for abar', 'alpha = (a/a_prev)**2', 'alpha = a/a_prev'),
    ('jump: beta right for a Schedule only', 'return alpha, s**2 - alpha*s_prev**2', 'return alpha, 1 - alpha'),
    ('ancestral: root of alpha left out', 'alpha**.5*s_prev**2*x_t', 'alpha*s_prev**2*x_t'),
    ('ancestral: abar_prev for its root', '(a_prev*beta*pred.x0', '(a_prev**2*beta*pred.x0'),
    ('ancestral: a for a_prev', '(a_prev*beta*pred.x0', '(a*beta*pred.x0'),
    ('ancestral: root of the variance left out', 'mean + v.sqrt()*noise(x_t)', 'mean + v*noise(x_t)'),
    ('ancestral: root of beta tilde', 'beta*s_prev**2/s**2, beta)', 'beta*s_prev/s, beta)'),
    ('ancestral: bounds of the variance swapped', 'var(pred, beta*s_prev**2/s**2, beta)', 'var(pred, beta, beta*s_prev**2/s**2)'),
    ('ancestral: noise in the last step', 'if s_prev==0: return mean\n', 'if s_prev==0 and var is None: return mean\n    s_prev = max(s_prev, 1e-9)\n'),
    ('ancestral: no noise before step 0', 'if s_prev==0: return mean\n', 'if t_prev<=0: return mean\n'),
    ('ancestral: beta by default', '(beta_tilde if pred.mix is None else learned)', '(beta_large if pred.mix is None else learned)'),
    ('ancestral: learned variance ignored', 'var = var or (beta_tilde if pred.mix is None else learned)', 'var = var or beta_tilde'),
    ('sample: each step goes to t - 1', 'zip(ts, [*ts[1:], end])', 'zip(ts, [*[t-1 for t in ts[:-1]], end])'),
    ('sample: end ignored', 'sched.end if end is None else end', 'sched.end'),
    ('sample: time from before ignored', 'if before: x, t = before(', 'if before: x, _ = before('),
    ('sample: target ignored', 'denoise(model, x, t, sched, target, clip, rederive)\n    wants', "denoise(model, x, t, sched, 'eps', clip, rederive)\n    wants"),
    ('sample: clip ignored', 'denoise(model, x, t, sched, target, clip, rederive)\n    wants', 'denoise(model, x, t, sched, target, True, rederive)\n    wants'),
    ('sample: rederive ignored', 'denoise(model, x, t, sched, target, clip, rederive)\n    wants', 'denoise(model, x, t, sched, target, clip)\n    wants'),
    ('sample: past holds the state\'s step, not the asked one', 'past.append((t, pred))', 'past.append((t_prev, pred))'),
    ('DDPM: forward off by one', 'return q_sample(x0, t.flatten(), eta,', 'return q_sample(x0, (t.flatten()-1).clamp(min=0), eta,'),
    ('DDPM: backward returns the raw answer', "return convert(out, self.target, 'eps', x, t, self.sched.to(t.device))", 'return out'),
    ('DDPM.sample: a batch shares one seed', '[generator(s) for s in seeds], ddpm', '[generator(seeds[0])]*len(seeds), ddpm'),
    ('DDPM.sample: seeds ignored in later batches', 'sample_batch(self, seeds[i:i+bs]', 'sample_batch(self, seeds[:len(seeds[i:i+bs])]'),
    ('DDPM.sample: seeds counted, not taken', 'sample_batch(self, seeds[i:i+bs]', 'sample_batch(self, range(len(seeds))[i:i+bs]'),
    ('DDPM.sample: the same noise at each step', 'noise = lambda x: randn_each(gens,', 'noise = lambda x: randn_each([generator(s) for s in seeds],'),
    ('DDPM.sample: labels of the first batch', 'part(y), ts, part(x_t)', 'y if y is None else y[:len(seeds[i:i+bs])], ts, part(x_t)'),
    ('DDPM.sample: states of the first batch', 'part(y), ts, part(x_t)', 'part(y), ts, x_t if x_t is None else x_t[:len(seeds[i:i+bs])]'),
    ('DDPM.sample: images leave the range', '.clamp(-1,1).cpu()', '.cpu()'),
    ('DDPM.sample: in training mode', 'self.network.eval()', 'self.network.train()'),
    ('as_labels: the last label for the rest', 'ids[i % len(ids)]', 'ids[min(i, len(ids)-1)]'),
    ('load: schedule lost', "schedule=Schedule(tensors['beta'])", 'schedule=None'),
],
'toy': [
    ('mixture: variance of the data not shrunk', 'var = a**2*self.var.to(a) + s**2', 'var = a*self.var.to(a) + s**2'),
    ('mixture: means not shrunk', 'd2 = ((x[:,None] - a[...,None]*self.means.to(a))**2).sum(-1)', 'd2 = ((x[:,None] - self.means.to(a))**2).sum(-1)'),
    ('mixture: weights without logarithm', 'self.weights.log().to(a) - d2', 'self.weights.to(a) - d2'),
    ('mixture: one dimension in the density', 'x.shape[1]/2*torch.log', '.5*torch.log'),
    ('mixture: gain without the factor of the image', '(a*self.var.to(a)/var)', '(self.var.to(a)/var)'),
    ('mixture: components alike', 'log.softmax(1)[...,None]', 'self.weights[None,:,None].to(a)'),
    ('mixture: drawn with variance for deviation', 'self.var[k].sqrt()[:,None]', 'self.var[k][:,None]'),
    ('mixture: score without the noise level', "'score': -eps/s", "'score': -eps"),
    ('optimal denoiser: square of the images left out', ' - a**2*(y**2).sum(1)/2)', ')'),
    ('optimal denoiser: deviation for variance', '(y**2).sum(1)/2)/s**2', '(y**2).sum(1)/2)/s'),
],
'unet': [
    ('UNet: attention at the deepest of its levels only', 'att(l) if l in attn else None', 'att(l) if l in attn[-1:] else None'),
    ('embedding: any width', 'if dim%2 or not half > freq_shift or not max_period > 0: raise', 'if False: raise'),
    ('UNet: any shape of t', 'if t.shape!=(len(x),): raise', 'if False: raise'),
    ('check_unet: any attn', 'if not isinstance(attn, (tuple, list)) or any(', 'if any('),
    ('check_unet: levels counted from the end', 'or not isinstance(l, int) or l<0 for l', 'or not isinstance(l, int) for l'),
    ('embedding: frequencies rise', 'torch.exp(-math.log(max_period)', 'torch.exp(math.log(max_period)'),
    ('embedding: slowest wavelength not reached', '/(half-freq_shift))', '/half)'),
    ('embedding: cosines first', 'torch.cat([args.sin(), args.cos()]', 'torch.cat([args.cos(), args.sin()]'),
    ('ResBlock: scale without 1', '*(1+scale) + shift', '*scale + shift'),
    ('ResBlock: skip left out', 'return self.skip(x) + self.conv2', 'return self.conv2'),
    ('Attention: skip left out', 'return x + self.out(o)', 'return self.out(o)'),
    ('Attention: positions mixed up', '.transpose(1,2).reshape(b, h*w, c)', '.reshape(b, h*w, c)'),
    ('embedding: max_period ignored', 'math.log(max_period)*torch.arange', 'math.log(10_000.)*torch.arange'),
    ('embedding: in turn is not', 'torch.stack([args.sin(), args.cos()], 2)', 'torch.stack([args.sin(), args.cos()], 1)'),
    ('time head: SiLU left out', 'nn.Linear(dim_in, dim_out), nn.SiLU(), nn.Linear(dim_out, dim_out)', 'nn.Linear(dim_in, dim_out), nn.Identity(), nn.Linear(dim_out, dim_out)'),
    ('ResBlock: scale and shift swapped', 'scale, shift = e.chunk(2, dim=1)', 'shift, scale = e.chunk(2, dim=1)'),
    ('ResBlock: added time after the norm', 'return self.norm2(h+e)', 'return self.norm2(h)+e'),
    ('ResBlock: last convolution not zero', 'zero_(nn.Conv2d(c_out, c_out, 3, padding=1))', 'nn.Conv2d(c_out, c_out, 3, padding=1)'),
    ('ResBlock: no dropout', 'self.conv2(self.drop(F.silu(h)))', 'self.conv2(F.silu(h))'),
    ('Attention: no norm', 'rows = self.norm(x).flatten(2)', 'rows = x.flatten(2)'),
    ('Attention: heads and q, k, v mixed', 'view(b, h*w, 3, self.heads, -1).permute(2,0,3,1,4)', 'view(b, h*w, self.heads, 3, -1).permute(3,0,2,1,4)'),
    ('Downsample: padded at the left and the top', 'F.pad(x, (0,1,0,1))', 'F.pad(x, (1,0,1,0))'),
    ('Upsample: bilinear', "mode='nearest'", "mode='bilinear'"),
    ('UNet: skip before the image', 'torch.cat([h, skips.pop()], 1)', 'torch.cat([skips.pop(), h], 1)', '15_zoo'),
    ('UNet: labels left out', 'e = e + self.label(check_labels(y, self.label.num_embeddings))', 'check_labels(y, self.label.num_embeddings)'),
    ('UNet: last norm left out', 'F.silu(self.norm_out(h))', 'F.silu(h)', '15_zoo'),
    ('UNet: last convolution not zero', 'zero_(nn.Conv2d(self.c0, (1+learned_var)*in_ch, 3, padding=1))', 'nn.Conv2d(self.c0, (1+learned_var)*in_ch, 3, padding=1)'),
    ('UNet: no SiLU on the embedding', 'return F.silu(e)', 'return e', '15_zoo'),
    ('UNet: checkpointing does nothing', 'again = self.checkpointing and ', 'again = False and '),
    ('UNet: variants of the embedding ignored', 'timestep_embedding(t, self.c0, **self.wave)', 'timestep_embedding(t, self.c0)'),
    ('check_size: width not looked at', 'any(s % f for s in image_hw)', 'image_hw[0] % f'),
],
'training': [
    ('LogCB: a name of the learner', 'def after_fit(self): self.earlier, self.start', 'def after_fit(self): self.past = 0.; self.earlier, self.start'),
    ('NoiseCB: the same noise in each fit', 'g = generator(self.seed, 3, nth_epoch(self.learn), self.iter)', 'g = generator(self.seed, 3, self.epoch, self.iter)'),
    ('EpochCB: the same order in each fit', 'self.dls.train.epoch = nth_epoch(self.learn)', 'self.dls.train.epoch = self.epoch'),
    ('EpochCB: a search counts', 'if is_real_fit(self): self.begun = self.epoch+1', 'self.begun = self.epoch+1'),
    ('lr_find: leaves the wreck', 'if not is_real_fit(self): raise CancelFitException()', 'pass'),
    ('lr_find: the sampler learns', 'and len(self.yb) and is_real_fit(self): self', 'and len(self.yb): self'),
    ('lr_find: the scale stays', 'if not is_real_fit(self): self.load_tensors(self.old)', 'pass'),
    ('bare loop: bytes pass', 'if x0.min() >= 0 and x0.max() > 1: raise', 'if False: raise'),
    ('bare loop: an optimizer of another model passes', "if not {id(p) for g in optim", "if False and {id(p) for g in optim"),
    ('fit: a rate below 0 passes', 'not lr >= 0)', 'lr != lr)'),
    ('checkpoint: earlier fits forgotten', "meta.get('past', 0)", '0', '08a_resume'),
    ('checkpoint: needs what earlier versions did not write', "meta.get('past', 0)", "meta['past']", '08a_resume'),
    ('checkpoint: a finished fit does not count', ', self.done[0], meta.get(', ', 0, meta.get(', '08a_resume'),
    ('checkpoint: trackers begin anew', "load_trackers(self.learn, meta.get('trackers', []))", 'pass', '08a_resume'),
    ('checkpoint: the running loss begins anew', "if 'smooth' in meta:", 'if False:', '08a_resume'),
    ('checkpoint: rows of the table lost', "meta.get('rows', [])", '[]', '08a_resume'),
    ('checkpoint: the lowered rate forgotten', "if 'lr' in old[cb.name]:", 'if False:', '08a_resume'),
    ('checkpoint: stream put back too late', 'if self.active: self.set_rng() # if all', 'if False: self.set_rng() # if all', '08a_resume'),
    ('checkpoint: taken for a pickle', "if start[8:]!=b'{' and (", 'if (', '08a_resume'),
    ('checkpoint: done epochs again', 'for self.epoch in range(first,', 'for self.epoch in range(0,', '08a_resume'),
    ('checkpoint: another weight passes', 'weight=name(noise.weight), ', '', '08a_resume'),
    ('checkpoint: another precision passes', "amp=str(getattr(getattr(learn, 'autocast_cb', None), 'dtype', torch.float32)), ", '', '08a_resume'),
    ("checkpoint: fastai's own optimizer", '        check_opt(self.learn.opt)\n', '', '08a_resume'),
    ('hypers: copies', '        self.write(k, v)\n', '', '08a_resume'),
    ('NoiseCB: the same noise in each epoch', 'g = generator(self.seed, 3, nth_epoch(self.learn), self.iter)', 'g = generator(self.seed, 3, self.iter)'),
    ('NoiseCB: other noise in each validation', 'generator(self.seed, 3, self.seen+i)', 'generator(self.seed, 3, self.epoch, self.seen+i)'),
    ('NoiseCB: always the target eps', 'make_target(self.ddpm.target, x0, eps, t, sched)', "make_target('eps', x0, eps, t, sched)"),
    ('NoiseCB: t off by one', 'q_sample(x0, t, eps, sched), t, *y)', 'q_sample(x0, t, eps, sched), t+1, *y)'),
    ('NoiseCB: labels left out', 'q_sample(x0, t, eps, sched), t, *y)', 'q_sample(x0, t, eps, sched), t)'),
    ('EMA: buffers averaged too', 'self.n += 1\n', 'self.n += 1\n        for b in self.model.buffers(): b.data = b.data*(1-d) if b.is_floating_point() else b.data\n'),
    ('EMA: no warm-up', 'd = min(self.decay, (1+self.n)/(10+self.n))', 'd = self.decay'),
    ('EMA: warm-up off by one', 'd = min(self.decay, (1+self.n)/(10+self.n))', 'd = min(self.decay, (2+self.n)/(11+self.n))'),
    ('EMA: the larger of decay and warm-up', 'd = min(self.decay,', 'd = max(self.decay,'),
    ('EMA: decay ignored', 'd = min(self.decay, (1+self.n)/(10+self.n))', 'd = (1+self.n)/(10+self.n)'),
    ('EMA: decay on the new parameters', 'self.model.parameters()], 1-d)', 'self.model.parameters()], d)'),
    ('EMA: not used in validation', 'def before_validate(self:EMACB): self.use(True)', 'def before_validate(self:EMACB): pass'),
    ('EMA: kept in the network after validation', 'def after_validate(self:EMACB): self.use(not self.fitting)', 'def after_validate(self:EMACB): self.use(True)'),
    ('EMA: a checkpoint forgets it', "a.copy_(state[f'ema.{i}'])", "a.copy_(state[f'param.{i}'])"),
    ('EMA: a checkpoint forgets the warm-up', "meta['ema_n']", '0'),
    ('NoiseCB: no label dropped', 'if not self.training or not self.drop_labels: return y', 'return y'),
    ('NoiseCB: labels dropped in validation', 'if not self.training or not self.drop_labels: return y', 'if not self.drop_labels: return y'),
    ('NoiseCB: kept for dropped', '(coins < self.drop_labels)', '(coins >= self.drop_labels)'),
    ('LogCB: batches of all sizes weigh alike', 'sum(l*n for l,n in self.part), sum(n for _,n in self.part)]', 'sum(l for l,n in self.part), len(self.part)]'),
    ('checkpoint: a batch is trained twice', 'self.save((self.epoch, self.iter+1))', 'self.save((self.epoch, self.iter))'),
    ('mse: weight ignored', 'if weight is None: return F.mse_loss(out.float(), target.float())', 'return F.mse_loss(out.float(), target.float())'),
    ('NoiseCB: other labels dropped in each process', 'coins, = self.share(len(y), lambda n: [torch.rand(n,', 'coins, = (lambda n, f: f(n))(len(y), lambda n: [torch.rand(n+1,'),
    ('bare loop: the last weights kept', 'if losses[-1]==min(losses):', 'if True:'),
    ('bare loop: NaN passes', 'if not math.isfinite(total): raise', 'if False: raise'),
    ('EMA: half-life is a decay', 'decay if half_life is None else .5**(1/half_life)', 'decay if half_life is None else 1-1/half_life'),
    ('EMA: warm-up cannot be left out', 'if self.warmup else self.decay', 'if True else self.decay'),
    ('EMA: left in after an exception', 'def interrupted(self:EMACB): self.end(False)', 'def interrupted(self:EMACB): pass'),
    ('EMA: what was loaded is thrown away', "if not hasattr(self, 'lr_finder'): self.ema_cb.reset()", 'pass'),
    ('EMA: a search starts it anew', "if not hasattr(self, 'lr_finder'): self.ema_cb.reset()", 'self.ema_cb.reset()'),
    ('autocast: left on', "def after_fit(self): get_model(self.model).__dict__.pop('forward', None)", 'def after_fit(self): pass'),
    ('autocast: left on by several processes', "def after_fit(self): get_model(self.model).__dict__.pop('forward', None)", "def after_fit(self): self.model.__dict__.pop('forward', None)"),
    ('guard: infinity passes', 'if self.training and not torch.isfinite(self.loss_grad)', 'if self.training and torch.isnan(self.loss_grad)'),
    ('ScaleCB: gradients not unscaled', 'self.scaler.unscale_(self.opt.opt)', 'pass'),
    ('accumulation: a sum, not a mean', 'self.learn.loss_grad = self.loss_grad/min(self.n, self.n_iter-self.iter//self.n*self.n)', 'pass'),
    ('accumulation: a short group counts as a whole one', 'self.loss_grad/min(self.n, self.n_iter-self.iter//self.n*self.n)', 'self.loss_grad/self.n'),
    ('accumulation: the last group is lost', '(self.iter+1)%self.n!=0 and self.iter+1 < self.n_iter', '(self.iter+1)%self.n!=0'),
    ('warm-up: starts at 0', 'lr*((step+1)/warmup if', 'lr*(step/warmup if'),
    ('warm-up: what follows begins at 0 again', 'after((step-warmup)/max(1, total-warmup))', 'after(step/total)'),
    ('one-cycle: half of the run', 'pct_start=warmup/total or .25', 'pct_start=warmup/total or .5'),
    ('StepLossCB: one part too low', 'self.xb[1]*self.n//self.learn', '(self.xb[1]-1)*self.n//self.learn'),
    ('preview: of the parameters', 'with self.learn.ema_cb.averaged(): self.last', 'if True: self.last'),
    ('preview: an epoch late', '(self.epoch+1)%self.every', 'self.epoch%self.every'),
    ('lr_find: writes a checkpoint', 'def before_fit(self): self.run = is_real_fit(self)\n\n    def before_train(self):\n        if self.done', 'def before_fit(self): self.run = True\n\n    def before_train(self):\n        if self.done'),
    ('rng: that of a GPU forgotten', "if hasattr(there, 'get_rng_state') else {}", 'if False else {}'),
    ('rng: not put back', 'if k in states: m.set_rng_state', 'if False: m.set_rng_state'),
    ('metrics: see the weights', 'metric(split_mix(out, target.shape[1])[0], target))', 'metric(split_mix(out, target.shape[1])[0], target, *_))'),
    ('adamw: a decay of its own', '**kwargs) # said, not None', "**{**kwargs, 'wd': .5}) # said, not None"),
    ('checkpoint: skipped batches are logged', 'self.learn.yb = () # nothing to record', 'pass'),
    ('checkpoint: the moments forgotten', "for k,v in part(state, f'opt.{i}.').items()}", 'for k,v in {}.items()}', '08a_resume'),
    ('checkpoint: the random stream forgotten', "if k.split('.')[0]=='rng'}", 'if False}', '08a_resume'),
    ('checkpoint: the log forgotten', "list(state['log.train'])", '[]', '08a_resume'),
    ('checkpoint: saved between batches of a step', "if not (hasattr(self.learn, 'accumulate_cb') and self.learn.accumulate_cb.pending): self.save", 'if True: self.save', '08a_resume'),
    ('checkpoint: NaN written over it', 'not all(torch.isfinite(p).all() for p in params)', 'False', '08a_resume'),
    ('checkpoint: a bad validation written over it', 'not all(math.isfinite(l) for _,l in log.valid_loss[-1:])', 'False', '08a_resume'),
    ('checkpoint: not renamed into place', 'with atomic(self.path) as f: save_file(', "with __import__('contextlib').nullcontext(self.path) as f: save_file(", '08a_resume'),
    ('checkpoint: other settings pass', 'if wrong: raise ValueError(f"it was made with', 'if False: raise ValueError(f"it was made with', '08a_resume'),
    ('checkpoint: other data pass', "if meta['data']!=self.data_hash", 'if False', '08a_resume'),
    ('checkpoint: another length passes', "if meta['n_epoch']!=self.n_epoch", 'if False', '08a_resume'),
    ('checkpoint: a second fit goes on', 'if self.fits: raise', 'if False: raise', '08a_resume'),
    ('checkpoint: a pickle is opened', "if start[8:]!=b'{' and (start[:2]==b'PK' or start[:1]==b'\\x80'): raise", 'if False: raise', '08a_resume'),
    ('checkpoint: one too many kept', 'old[:max(0, len(old)-(self.keep-1))]', 'old[:max(0, len(old)-self.keep)]', '08a_resume'),
    ('checkpoint: the worst is the best', 'sign*value >= sign*self.best', 'sign*value <= sign*self.best', '08a_resume'),
],
'checkpoints': [
    ('ModelCheckpoint: the plain parameters', 'with self.learn.ema_cb.averaged(), atomic', 'with atomic'),
    ('ModelCheckpoint: not restored', 'load_weights(get_model(self.model), load_file(self.last', '(lambda *a: None)(get_model(self.model), load_file(self.last'),
    ('ModelCheckpoint: also after a validation', "if getattr(self, 'trained', False): super().after_epoch()", 'super().after_epoch()'),
    ('ModelCheckpoint: every one restored', 'elif not self.every_epoch and self.last_saved_path', 'elif self.last_saved_path'),
    ('ModelCheckpoint: the best thrown away by the next fit', 'self.learn.ema_cb.reset()', 'pass'),
    ('start_from: the same object', 'if isinstance(source, DDPM): return copy.deepcopy(source)', 'if isinstance(source, DDPM): return source'),
    ('start_from: fills the model that is given', 'new = copy.deepcopy(ddpm)', 'new = ddpm'),
    ('start_from: the plain parameters', "state[f'ema.{i}'] for i", "state[f'param.{i}'] for i"),
    ('start_from: buffers forgotten', "**part(state, 'buffer.')}", '}'),
    ('start_from: a missing file', 'if not source.exists(): raise', 'if False: raise'),
    ('start_from: a damaged file', 'except (OSError, ValueError) as e: raise UserError', 'except OSError as e: raise UserError'),
],
'devices': [
    ('deal: not filled up', 'idxs = idxs + idxs[:-len(idxs) % world]', 'idxs = list(idxs)'),
    ('deal: in blocks', 'range(0, len(idxs), bs*world)', 'range(0, len(idxs), len(idxs))'),
    ('deal: the shares overlap', 'b[rank*len(b)//world:', 'b[:'),
    ('deal: batches of one process', 'joined = [idxs[i:i+bs*world]', 'joined = [idxs[i:i+bs]'),
    ('SharedLoader: the length of one process', 'n = self.dl.n//self.world_size if self.dl.drop_last else -(-self.dl.n//self.world_size)', 'n = self.dl.n'),
    ('SharedLoader: the epoch stays', 'def epoch(self, v): self.dl.epoch = v', 'def epoch(self, v): pass'),
    ('several_processes: fastai is left changed', 'finally: fastai_distributed.DistributedDL = old', 'finally: pass'),
    ('several_processes: the group is not left', 'if num_distrib() > 1: atexit.register(leave_group)', 'if False: pass'),
    ('leave_group: stays', 'if torch.distributed.is_initialized(): torch', 'if False: torch'),
    ('in_turn: nothing is raised', 'if from_first(wrong is not None): raise wrong or SystemExit(2)', 'pass'),
    ('in_turn: nothing is returned', 'return f() if rank_distrib() else mine', 'return None'),
],
'cli': [
    ('command: exit code 1', '            raise SystemExit(2) from None\n        except KeyboardInterrupt', '            raise SystemExit(1) from None\n        except KeyboardInterrupt'),
    ('command: each process complains', 'if other_says_it(): raise SystemExit(2) from None', 'pass'),
    ('command: no process complains', "os.environ.get('LOCAL_RANK', '0')!='0'", "os.environ.get('LOCAL_RANK', '0')=='0'"),
],
'cli_train': [
    ('one class of a model with classes: refused', "s['class_name'] and not s['start_from']", "s['class_name']"),
    ('bfloat16: with AMX only', " or has('avx512_bf16')", ''),
    ('bfloat16: everywhere', "device.type=='cpu' and bool(has", 'True or bool(has'),
    ('config: wins in another word', 'if k not in replaced(d, given) for w', 'for w'),
    ('config: half a preset', "if preset: out |= {'preset', 'network_args', *shape}", 'pass'),
    ('config: the rest of a preset', '| {*preset} |', '|'),
    ('config: length of a preset', 'for k in (*given, *preset) if', 'for k in given if'),
    ('config: levels of the arguments', "| {*shape} & {*given.get('network_args', {})}", ''),
    ('config: arguments of another network', "if given.get('network', d.get('network', 'UNet')) != d.get('network', 'UNet'): out |= {'network_args', *shape}", 'pass'),
    ('budget: in the middle of a step', "if hasattr(self.learn, 'accumulate_cb') and self.learn.accumulate_cb.pending: return", 'pass'),
    ('start-from: the recipe builds one too', "net = started(s, train.image_chw, classes) if s['start_from'] else build_network(s, train.image_chw, len(classes or []))", "net = build_network(s, train.image_chw, len(classes or []))\n    if s['start_from']: net = started(s, train.image_chw, classes)"),
    ('run: one of an earlier version is refused', 'if k not in old and v==defaults.get(k)', 'if False'),
    ('run: what an earlier version did not know may be anything', 'if k not in old and v==defaults.get(k)', 'if k not in old'),
    ('run: finished with other numbers', "*(() if (out/'metrics.json').exists() else after_training)", '*after_training'),
    ('run: the warm-up stays', "ema_warmup=s['ema_warmup']", 'ema_warmup=True'),
    ('run: best by the validation loss always', "monitor=s['monitor'] if", "monitor='valid_loss' if"),
    ('run: seconds ignored', "every=s['checkpoint_every']", 'every=60.'),
    ('config: what stands before wins', '        if s[k] is None: s[k] = v\n', '        s[k] = v\n'),
    ('config: no is yes', "[name if v else '--no-' + name[2:]]", '[name]'),
    ('config: unknown names pass', 'if wrong: raise UserError(f"{path} sets', 'if False: raise UserError(f"{path} sets'),
    ('config: a budget passes', 'if set(wrong) & outside: raise', 'if False: raise'),
    ('config: tomli not tried', "('tomllib', 'tomli')", "('tomllib',)"),
    ('settings: a rate of 0 passes', 'if not 0 < s[k] < math.inf: raise', 'if False: raise'),
    ('settings: falling betas pass', "if s['beta'] and not 0 < s['beta'][0] < s['beta'][1] < 1: raise", 'if False: raise'),
    ('settings: attention on a level that is not there', "if any(not 0 <= v < levels for v in own.get('attn', [])): raise", 'if False: raise'),
    ('settings: images and epochs', "if s['images'] and s['epochs']: raise", 'if False: raise'),
    ('settings: more sampling steps than steps', "min(s['n_steps'], preset.get('sample_steps', recipe['sample_steps']))", "preset.get('sample_steps', recipe['sample_steps'])"),
    ('run: other images pass', 'if old not in (None, now): raise', 'if False: raise'),
    ('run: ten rows', 'math.ceil(batches/20)', 'math.ceil(batches/10)'),
    ('run: a short run validates on all', 'return min(2000, max(200, ', 'return max(2000, max(200, '),
    ('run: one batch validates on one', 'return min(2000, max(200, ', 'return min(2000, max(1, '),
    ('run: one network argument said twice', 'if twice: raise', 'if False: raise'),
    ('run: a long warm-up found too late', "if s['warmup'] >= per_row*rows: raise", 'if False: raise'),
    ('run: a full disk is a traceback', 'except (OSError, SafetensorError) as e: raise UserError(f"cannot write in', 'except ZeroDivisionError as e: raise UserError(f"cannot write in'),
],
'ddim': [
    ('step_std: root left out', 'return eta*sched.at(t_prev)[1]/sched.at(t)[1]*jump(sched, t, t_prev)[1]**.5', 'return eta*sched.at(t_prev)[1]/sched.at(t)[1]*jump(sched, t, t_prev)[1]'),
    ('step_std: upside down', 'eta*sched.at(t_prev)[1]/sched.at(t)[1]*', 'eta*sched.at(t)[1]/max(sched.at(t_prev)[1], 1e-9)*'),
    ('step_std: eta squared', 'return eta*sched', 'return eta**2*sched'),
    ('step_std: beta for beta tilde', 'eta*sched.at(t_prev)[1]/sched.at(t)[1]*', 'eta*'),
    ('ddim: sign of the noise', 'x = a_prev*pred.x0 + max(', 'x = a_prev*pred.x0 - max('),
    ('ddim: fresh noise on top', 'max(0., s_prev**2-std**2)**.5*pred.eps', 's_prev*pred.eps'),
    ('ddim: root left out', 'max(0., s_prev**2-std**2)**.5*pred.eps', 'max(0., s_prev**2-std**2)*pred.eps'),
    ('ddim: variance for deviation', 'return x + std*noise(x_t)', 'return x + std**2*noise(x_t)'),
    ('ddim: level of the wrong step', 'a_prev, s_prev = sched.at(t_prev)\n    std', 'a_prev, s_prev = sched.at(t)\n    std'),
    ('ddim: eta above 1 passes', 'if not 0 <= eta <= 1', 'if not 0 <= eta'),
    ('ddim: eta below 0 passes', 'if not 0 <= eta <= 1', 'if not eta <= 1'),
    ('sigma_hat: noise in the last step', 'return mean if t_prev==sched.end else mean + ', 'return mean + '),
    ('sigma_hat: root left out', 'else mean + jump(sched, t, t_prev)[1]**.5*', 'else mean + jump(sched, t, t_prev)[1]*'),
    ('sigma_hat: mean of DDIM', 'torch.zeros_like, eta=1.)', 'torch.zeros_like, eta=0.)'),
    ('invert: asks at the lower step', 'move(look(nxt, t_next))', 'move(look(nxt, max(t, 0)))'),
    ('invert: iters 0 asks at the upper step', 'up[0] if t==sched.end else t)', 't_next)'),
    ('invert: always asks about the first guess', 'move(look(nxt, t_next))', 'move(look(x, t_next))'),
    ('invert: the guess for an answer in pure noise', 'if s and sched.at(t_next)[0]==0 else p.eps', 'if s and sched.at(t_next)[0]<0 else p.eps'),
    ('invert: image without division', 'Pred((x-s*eps)/a, eps)', 'Pred(x-s*eps, eps)'),
    ('invert: clipped', 'denoise(model, x, t, sched, target, clip=False)', 'denoise(model, x, t, sched, target)'),
],
'solvers': [
    ('along: sign', '(s_prev - a_prev*s/a)*(eps-pred.eps)', '(a_prev*s/a - s_prev)*(eps-pred.eps)'),
    ('along: not scaled back', '(s_prev - a_prev*s/a)*', '(s_prev/a_prev - s/a)*'),
    ('along: not rescaled', '(s_prev - a_prev*s/a)*', '(s_prev - a_prev*s)*'),
    ('along: no way from pure noise', '*(eps-pred.eps) if a else x', '*(eps-pred.eps)'),
    ('heun: not averaged', '(pred.eps + look(x, t_prev).eps)/2', 'look(x, t_prev).eps'),
    ('heun: second slope at the start', 'look(x, t_prev).eps)/2', 'look(x_t, t_prev).eps)/2'),
    ('heun: second slope at the old time', 'look(x, t_prev).eps)/2', 'look(x, t).eps)/2'),
    ('heun: the mean of both slopes from pure noise on', 's > 200*a', 's > 1e9*a'),
    ('churn: noise not rooted', 's_noise*extra**.5*noise(x_t)', 's_noise*extra*noise(x_t)'),
    ('churn: difference of levels, not of variances', 'sigma_at(sched, up)**2 - sigma**2', '(sigma_at(sched, up) - sigma)**2'),
    ('churn: no cap', 'min(s_churn/steps, 2**.5-1)', 's_churn/steps'),
    ('churn: at all levels', 'if s_min <= sigma <= s_max and sigma < math.inf', 'if sigma < math.inf'),
    ('churn: s_noise ignored', 's_noise*extra**.5*noise(x_t)', 'extra**.5*noise(x_t)'),
    ('churn: scaled for the old level', 'return sched.at(up)[0]*(x_t', 'return sched.at(t)[0]*(x_t'),
    ('churn: not rescaled', 'x_t/sched.at(t)[0] +', 'x_t +'),
    ('log_snr_half: the whole', 'math.log(a/s)', '2*math.log(a/s)'),
    ('dpm_1s: a for s in the ratio', 'return s_prev/s*x_t +', 'return a_prev/a*x_t +'),
    ('dpm_1s: image not scaled', '(a_prev - s_prev/s*a)*', '(a_prev - s_prev/s)*'),
    ('dpm_2m: ratio upside down', '(lam(t_prev)-lam(t))/(lam(t)-lam(t1))', '(lam(t)-lam(t1))/(lam(t_prev)-lam(t))'),
    ('dpm_2m: half left out', 'ratio/2*(pred.x0-pred1.x0)', 'ratio*(pred.x0-pred1.x0)'),
    ('dpm_2m: sign', 'ratio/2*(pred.x0-pred1.x0)', 'ratio/2*(pred1.x0-pred.x0)'),
    ('dpm_2m: steps in t', 'lam = past[-1], lambda t: log_snr_half(sched, t)', 'lam = past[-1], lambda t: -t'),
    ('dpm_2m: the oldest prediction', '(t1, pred1), lam = past[-1]', '(t1, pred1), lam = past[0]'),
    ('dpm_3m: factor of published code', 'bend:float=2.', 'bend:float=1.'),
    ('dpm_3m: sign of the first weight', 'w1 = h + math.expm1(-h)', 'w1 = h - math.expm1(-h)'),
    ('dpm_3m: second weight', '(h**2 - 2*w1)', '(h**2 - w1)'),
    ('dpm_3m: slope not carried to t', 'slope = slope0 + (l0-l1)*curve', 'slope = slope0'),
    ('dpm_3m: divided by one step, not two', 'curve = (slope0-slope1)/(l0-l2)', 'curve = (slope0-slope1)/(l0-l1)'),
    ('dpm_3m: correction not scaled', 'sched.at(t_prev)[0]*(w1*slope', '(w1*slope'),
    ('plms: weights of order 2', '(3,-1)', '(2,-1)'),
    ('plms: weights of order 3 reversed', '(23,-16,5)', '(5,-16,23)'),
    ('plms: a weight of order 4', '(55,-59,37,-9)', '(55,-59,37,-8)'),
    ('plms: oldest first', 'past[:-4:-1]', 'past[-3:]'),
    ('plms: first step by Euler', 'return heun_step(x_t, t, t_prev, pred, sched, noise, look)', 'return euler_step(x_t, t, t_prev, pred, sched)'),
    ('preconditioned: c_skip and c_out swapped', '(self.sigma_data/total)**2, sigma*self.sigma_data/total', 'sigma*self.sigma_data/total, (self.sigma_data/total)**2'),
    ('preconditioned: square of c_skip left out', '(self.sigma_data/total)**2,', 'self.sigma_data/total,'),
    ('preconditioned: c_out without sigma', 'sigma*self.sigma_data/total', 'self.sigma_data/total'),
    ('preconditioned: root left out', '(sigma**2 + self.sigma_data**2).sqrt()', '(sigma**2 + self.sigma_data**2)'),
    ('preconditioned: c_in not applied', 'self.network(c_in*x,', 'self.network(x,'),
    ('preconditioned: c_noise without the logarithm', 'self.noise_scale*sigma.log()', 'self.noise_scale*sigma'),
],
'fid': [
    ('frechet: negative eigenvalue of the second', 'regular, val = val[0] > -1e-9*val[-1], val.clamp(min=0)', 'regular, val = True, val.clamp(min=0)'),
    ('factor: any matrix', "if torch.linalg.cholesky_ex(sigma + (1e-6*sigma.trace()", "if False and torch.linalg.cholesky_ex(sigma + (1e-6*sigma.trace()"),
    ('report: interval of a singular covariance', 'why = no_interval(p, q, groups)', 'why = None'),
    ('no interval: with all of the groups', 'left = m.n - math.ceil(m.n/groups) if m.n else D+1', 'left = m.n if m.n else D+1'),
    ('no interval: rank not looked at', 'if left <= D or factor(m.sigma).shape[1] < D: return', 'if left <= D: return'),
    ('infinity: as few as features', 'if n <= D: raise', 'if False: raise'),
    ('space: network without features', "if not callable(getattr(net, 'features', None)): raise", 'if False: raise'),
    ('frechet: cross term once', '- 2*cross', '- cross'),
    ('frechet: root of the cross term left out', 'return val.sqrt().sum()', 'return val.sum()'),
    ('frechet: covariance for its root', 'factor(sigma1).T @ factor(sigma2)', 'sigma1 @ sigma2'),
    ('frechet: means not squared', '((mu1-mu2)**2).sum()', '(mu1-mu2).abs().sum()'),
    ('stats: n below', '/(self.n-1)', '/self.n'),
    ('stats: origin of each batch its own', 'if self.n==0: self.origin, self.sum, self.outer = f.mean(0), f.new_zeros', 'self.origin = f.mean(0)\n        if self.n==0: _, self.sum, self.outer = 0, f.new_zeros'),
    ('frechet: singular values never taken', 'if regular and total < 1e-10*(sigma1.trace() + sigma2.trace()): return', 'if True: return'),
    ('frechet: negative variance taken', '(s.diagonal() < 0).any() or ', ''),
    ('frechet: NaN taken', 'if not all(torch.isfinite(a).all() for a in', 'if False and not all(torch.isfinite(a).all() for a in'),
    ('merge: means do not scatter', ' + p.n*torch.outer(p.mu-mu, p.mu-mu)', ''),
    ('merge: n for n-1', '(p.n-1)*p.sigma', 'p.n*p.sigma'),
    ('space: bad image counted in its batch', '{seen+bad[0]}', '{bad[0]}'),
    ('space: bytes as floats taken', 'if b.abs().max() > 10: raise', 'if False: raise'),
    ('label: FID everywhere', "return fids[self.name] if metric=='FD' and self.name in fids else", "return 'FID' if metric=='FD' else"),
    ('cautions: 2048 among the few', 'min(counts) >= 2048', 'min(counts) > 2048'),
    ('cautions: rank by the count', 'if rank < len(m.mu):', 'if m.n and m.n <= len(m.mu):'),
    ('jackknife: bias of one image', 'float((g-1)*(v.mean()-whole))', 'float(v.mean()-whole)'),
    ('jackknife: variance of a mean', 'float((g-1)/g*((v-v.mean())**2).sum())', 'float(((v-v.mean())**2).sum()/g)'),
    ('interval: of one side', 'for s,other in zip(sides, (b, a)):', 'for s,other in zip(sides[:1], (b, a)):'),
    ('interval: bias added', 'corrected=value-bias, corrected_interval=around', 'corrected=value+bias, corrected_interval=around'),
    ('difference: of the second left all in', 'further(without(p, i), without(q, i), c)', 'further(without(p, i), b, c)'),
    ('difference: real images taken for fixed', 'for i in range(groups)]] if r else [])', 'for i in range(groups)]] if False else [])'),
    ('difference: sum', 'lambda a, b, c: fd_between(a, c)-fd_between(b, c)', 'lambda a, b, c: fd_between(a, c)+fd_between(b, c)'),
    ('difference: other counts taken', 'if [s.n for s in p]!=[s.n for s in q]: raise', 'if False: raise'),
    ('difference: few images taken', 'why = no_interval(a, c, groups) or no_interval(b, c, groups)', 'why = None'),
    ('difference: second of one dimension taken', 'no_interval(a, c, groups) or no_interval(b, c, groups)', 'no_interval(a, c, groups)'),
    ('difference: groups unlike', 'if dealt(first)!=dealt(second): raise', 'if False: raise'),
    ('difference: moments taken', 'if not (p and q): raise', 'if False: raise'),
    ('infinity: slope for value', 'slope, value = np.polyfit(xs, ys, 1)', 'value, slope = np.polyfit(xs, ys, 1)'),
    ('groups: order of a batch forgotten', 'mine, order = order[:len(f)].to(f.device), order[len(f):]', 'mine, order = order[:len(f)].to(f.device), order[:0]'),
    ('report: shared images not told', "if not why and out['corrected_interval'][1] < 0 else []", 'if False else []'),
],
'features': [
    ('resnet20: a hash is ignored', 'weights_file(resnet20_url, path, sha256)', 'weights_file(resnet20_url, path)'),
    ('resnet20: own weights have no name', "if sha256 and not '12fca82f'", "if False and not '12fca82f'"),
    ('key: without what a function was given', '*(repr(v) for v in bound if', '*(repr(v) for v in [] if'),
    ('reference: of a tensor', "if not hasattr(data, 'image_chw'): raise", 'if False: raise'),
    ('tf1: half a pixel', 'torch.arange(m).float()*torch.tensor(n/m)', '(torch.arange(m).float()+.5)*torch.tensor(n/m)-.5'),
    ('antialias: without', 'align_corners=False, antialias=True)', 'align_corners=False)'),
    ('prepare: deviation left out', 'return (x - m)/s', 'return x - m'),
    ('prepare: mean after the deviation', 'return (x - m)/s', 'return x/s - m'),
    ('key: without weights', ', weights {weights_hash(net)}, {code_hash', ', {code_hash'),
    ('key: without code', ", {code_hash(features or net, net)}'", "'"),
    ('key: without layers', 'parts = [repr(net), getattr', 'parts = [getattr'),
    ('module: left in training', 'net.eval().parameters()', 'net.parameters()'),
    ('inception: mean at the end', "max_pool if name=='Mixed_7c' else mean_pool", 'mean_pool'),
    ('inception: padding in the mean', 'count_include_pad=False)', 'count_include_pad=True)'),
    ('inception: logits with bias', '@ self.net.fc.weight.T', '@ self.net.fc.weight.T + self.net.fc.bias'),
    ('inception: range of the other program', "scale = dict(mean=1/255, std=128/127.5) if resize=='tf1' else {}", 'scale = {}'),
    ('inception: own weights under its name', "name = name.replace('Inception', f'Inception with weights {sha256[:8].lower()}')", 'pass'),
    ('weights: hash not looked at', 'if not have.startswith(want): raise', 'if False: raise'),
    ('lite: range of Inception', '224, resize, mean=-.5/127.5, std=128/127.5)', '224, resize)'),
    ('resnet: shortcut one pixel on', 'x[..., ::self.stride, ::self.stride]', 'x[..., 1::self.stride, 1::self.stride]'),
    ('resnet: channels of zeros on one side', '(0,0,0,0,self.pad,self.pad)', '(0,0,0,0,0,2*self.pad)'),
    ('moments: key not compared', 'dict(space=space.name, key=space.key, **want)', 'dict(space=space.name, **want)'),
    ('moments: of any space', "if space.name not in ('Inception', 'Inception, TensorFlow resize') or len(mu)!=2048: raise", 'if False: raise'),
    ('reference: images not compared', ', images=data_hash(data)[:16])', ')'),
    ('reference: one name for all sizes', "{'x'.join(map(str, data.image_chw))}-", ''),
],
'metrics': [
    ('is: NaN taken', 'if not torch.isfinite(logits).all(): raise', 'if False: raise'),
    ('copies: none where pictures are there twice', 'v <= limit + 1e-3', 'v < limit'),
    ('copies: twice is no excuse', 'share_interval(q, len(usual))', 'share_interval(level, len(usual))'),
    ('copies: few are enough', 'if level*len(usual) < 1: alarm', 'if False: alarm'),
    ('cas: real images for fewer steps', 'max(1, round(epochs*len(fake)/len(x)))', 'epochs'),
    ('acc: no doubt', 'if on_real < .5 else []', 'if False else []'),
    ('copies: alarm above the level', 'if interval[0] > chance else []', 'if interval[0] > level else []'),
    ('copies: no alarm', 'level=level, n_generated=len(d), n_real=len(usual), warnings=alarm)', 'level=level, n_generated=len(d), n_real=len(usual), warnings=[])'),
    ('cas: bytes not scaled', 'train_classifier(to_tensor(x), torch.as_tensor(y)', 'train_classifier(x.float(), torch.as_tensor(y)'),
    ('sums: wrong side', 'for a,b,n in ((xs, xs, len(x)), (ys, ys, len(y)), (xs, ys, None))]', 'for a,b,n in ((xs, xs, len(x)), (ys, ys, len(y)), (xs, xs, None))]'),
    ('is: mean of the logarithms', 'lp.exp().mean(0).log()', 'lp.mean(0)'),
    ('is: not exponentiated', '.sum(1).mean().exp().item()', '.sum(1).mean().item()'),
    ('is: parts that grow', 'logp[i*n//splits:(i+1)*n//splits]', 'logp[:(i+1)*n//splits]'),
    ('is: probabilities taken', 'if (logits >= 0).all() and', 'if False and'),
    ('mmd: with the diagonal', '(k(a,a).sum() - k(a,a).diagonal().sum())', 'k(a,a).sum()'),
    ('mmd: cross term once', '(within - 2*k(x,y).mean())', '(within - k(x,y).mean())'),
    ('mmd: square kernel', 'k = lambda a,b: (a @ b.T/x.shape[1] + 1)**3', 'k = lambda a,b: (a @ b.T/x.shape[1] + 1)**2'),
    ('sums: with the diagonal', '*(a is b and i==j)', '*0'),
    ('sums: left out twice', '- K[:,g].sum() + K[g,g]', '- K[:,g].sum()'),
    ('kid: interval without its size', 'half = float(student.ppf(.975, groups-1)*math.sqrt(var))\n    return dict(out,', 'half = float(student.ppf(.975, groups-1)*math.sqrt(var/groups))\n    return dict(out,'),
    ('radius: one neighbour less', 'topk(k+1, largest=False).values.amax(1)', 'topk(k, largest=False).values.amax(1)'),
    ('precision: swapped with recall', 'return PrecisionRecall(precision, recall)', 'return PrecisionRecall(recall, precision)'),
    ('density: not over k', '.double().mean().item()/k', '.double().mean().item()'),
    ('coverage: one radius for all', '(nearest <= radius)', '(nearest <= radius.mean())'),
    ('interval: variance for deviation', 'half = float(t*math.sqrt(jackknife(v, [getattr(p, k) for p in left_out])[1]))', 'half = float(t*jackknife(v, [getattr(p, k) for p in left_out])[1])'),
    ('share: not moved to the middle', "method='wilson'", "method='exact'"),
    ('label accuracy: no ratio', 'on_real=on_real, ratio=p/max(on_real, 1e-12), n_generated', 'on_real=on_real, ratio=p, n_generated'),
    ('label accuracy: batch size lost', 'for b in images.split(bs)])\n    return (answers', 'for b in list(images.split(bs))[:1]])\n    return (answers'),
    ('cas: tested on samples', 'progress=progress), real, real_labels)', 'progress=progress), fake, fake_labels)'),
    ('cas: more real images than samples', '[v[:len(fake)] for v in train]', 'train'),
    ('nearest: numbers within the batch', ' + 2048*i', ''),
    ('copies: limit of the samples', 'limit = usual.quantile(level)', 'limit = d.quantile(level)'),
],
'wrong_fid': [
    ('twice: not clipped', 'return (2*x - 1).clamp(-1, 1)', 'return 2*x - 1'),
    ('twice: the other way', 'return (2*x - 1).clamp(-1, 1)', 'return (x/2 + .5).clamp(-1, 1)'),
    ('half: a quarter', 'x.shape[-1]//2)', 'x.shape[-1]//4)'),
    ('half: one rule for both ways', 'resize_rules[up](resize_rules[down]', 'resize_rules[down](resize_rules[down]'),
    ('half: down by the rule for up', 'resize_rules[up](resize_rules[down]', 'resize_rules[up](resize_rules[up]'),
    ('jpeg: best quality', 'quality=quality)', 'quality=95)'),
    ('jpeg: not written', 'return torch.cat([one(a) for a in to_uint8(x)])', 'return x'),
    ('pairs: not squared', '((f.double()-real.double())**2).sum(1)', '(f.double()-real.double()).abs().sum(1)'),
    ('pairs: root of the mean', '.sum(1).mean().item()', '.sum(1).sqrt().mean().item()'),
    ('wrong: more than 100', 'f[:1000].split(100)', 'f[:1000].split(500)'),
    ('wrong: samples against themselves', "'training set against itself': fd_between(FeatureStats().update(ref), stats)", "'training set against itself': fd_between(FeatureStats().update(f), stats)"),
    ('wrong: JPEG left out', 'fd(through_jpeg(fake))', 'fd(fake)'),
    ('wrong: nearest both ways once', "fd(there_and_back(fake, 'nearest', 'nearest'))", "fd(there_and_back(fake, 'nearest'))"),
],
'cli_eval': [
    ('pick_space: the hash of resnet20 is ignored', 'a.weights, device, a.sha256)', 'a.weights, device)'),
    ('copies: of the first samples', 'copy_share(part_of(fake, 1000)', 'copy_share(first(fake, 1000)'),
    ('cas: the first real images', "else labelled_part(train, len(asked))", "else (to_tensor(train.images[:len(asked)]), train.labels[:len(asked)])"),
    ('part_of: all files are read', 'few.files = [images.files[i] for i in some(n, len(images.files))]', 'pass'),
    ('part_of: the first', 'return images[some(n, len(images))]', 'return images[:n]'),
    ('in_shares: always in turn', 'if counts.max() <= 2*counts.min(): return', 'if True: return'),
    ('in_shares: never in turn', 'if counts.max() <= 2*counts.min(): return', 'if False: return'),
    ('asked_classes: other classes', 'train is None or train.classes!=ddpm.classes else', 'train is None else'),
    ('cells: lines not looked at', 'if lines.size and np.abs(lines - a[0,0]).mean() > off: raise', 'if False: raise'),
    ('cells: loss not allowed', "16 if p.suffix.lower() in ('.jpg', '.jpeg', '.webp', '.gif') else 0", '0'),
    ('effect: part of a folder', 'if a.real and a.split: raise', 'if False: raise'),
    ('effect: floor without a distance', " or 'fd' not in metrics): raise", '): raise'),
    ('there: sides not looked at', 'if not Path(p).is_dir() and not (Path(p).is_file() and', 'if False and not (Path(p).is_file() and'),
    ('there: a model taken for pictures', "if (Path(p)/'model.safetensors').is_file(): raise", 'if False: raise'),
    ('notes: fixed real side not told', "if any(r.get('real_is_fixed') for r in results.values()): out.append", 'if False: out.append'),
    ('few: for each metric', "if k.split(' (')[0] in of_count else []", 'if True else []'),
    ('evaluate: any shapes', 'if None not in shapes and shapes[0]!=shapes[1]: raise', 'if False: raise'),
    ('evaluate: any names', 'metrics = metric_names(metrics)\n    check_metrics', 'check_metrics'),
    ('extrapolate: found late', 'if short: raise', 'if False: raise'),
    ('cells: empty places kept', 'while padding and n > len(cells)-cols', 'while False and n > len(cells)-cols'),
    ('cells: empty images dropped', 'while padding and n > len(cells)-cols and n > 1 and (cells[n-1]==a[0,0]).all(): n -= 1\n    return cells[:n]', 'return cells[~(cells==a[0,0]).all((1,2,3))]'),
    ('folder: grey if one is', "modes <= {'1', 'L'}", "bool(modes & {'1', 'L'})"),
    ('folder: the first files', '[files[i] for i in some(n, len(files))]', 'files[:n]'),
    ('folder: damaged ones not counted', 'if p not in self.bad: self.bad.append(p)', 'pass'),
    ('npz: the first images', 'i = some(n or len(x), len(x))', 'i = list(range(n or len(x)))'),
    ('npz: statistics before images', " and not {'images', 'arr_0'} & set(z.files)", ''),
    ('precision: answers stay low', 'return f(x, t).float()', 'return f(x, t)'),
    ('precision: none', 'with torch.autocast(x.device.type, dtype): return', 'return'),
    ('keep: another draw taken', 'if diff and not a.overwrite: raise UserError(f"{a.keep} holds', 'if False: raise UserError(f"{a.keep} holds'),
    ('keep: seeds not compared', '\n        seeds=seed_ranges(seeds), model=', '\n        model='),
    ('keep: draws again', 'return not diff', 'return False'),
    ('draw: labels by place', 'return ddpm.sample(seeds=seeds, ts=ts, y=labels_by_seed(ids, seeds)', 'return ddpm.sample(seeds=seeds, ts=ts, y=ids'),
    ('draw: guidance forgotten', 'labelled if a.guidance is None else ddpm.guided(a.guidance)', 'labelled'),
    ('draw: left behind', '\n    forget(a)', ''),
    ('classes: by number', 'return torch.tensor([list(known).index(c) for c in names])[fake.labels]', 'return fake.labels'),
    ('acc: any classifier', 'if k!=classes: raise', 'if False: raise'),
    ('is: in the order of files', 'inception_score(shuffled(logits, 2))', 'inception_score(logits)'),
    ('at_random: the first ones', 'data.images[torch.randperm(len(data.images), generator=generator(0))[:n]]', 'data.images[:n]'),
    ('at_random: of as many as there are fields', 'torch.randperm(len(data.images), generator=generator(0))[:n]', 'torch.randperm(len(data), generator=generator(0))[:n]'),
    ('measure: classes in turn', 'as_labels(ddpm, in_shares(train), n)', 'as_labels(ddpm, None, n)'),
    ('floor: of all training images', 'x = at_random(train, n)', 'x = train.images'),
    ('nearest: of the last batch', 'd, pics = (d, b[idx]) if best is None else', 'd, pics = (d, b[idx]) if True else'),
    ('sides: any shapes', 'if None not in (fake.chw, real.chw) and fake.chw!=real.chw: raise', 'if False: raise'),
    ('places: inside the samples', 'if Path(p).is_dir() and Path(p).resolve() in', 'if False and Path(p).resolve() in'),
],
'editing': [
    ('check_start: a number and a text look alike', 'is {start!r} but must be a whole', 'is {start} but must be a whole'),
    ('generate_new_images: hold of what was asked', 'hold=(len(shown)+1)/30', 'hold=frames_per_gif/30'),
    ('remove_noise: more noise than there is', 'if sigma.max() > ddpm.sched.sigma[-1]: raise', 'if False: raise'),
    ('editing: round(i*(len(ts)-1)/max(frames-1, 1))', 'round(i*(len(ts)-1)/max(frames-2, 1))', 'round(i*(len(ts)-1)/max(frames-1, 1))'),
    ('editing: max(ts, key=lambda u: abs(u-t))', 'min(ts, key=lambda u: abs(u-t))', 'max(ts, key=lambda u: abs(u-t))'),
    ('editing: return frames.flatten(0, 1)', 'return frames.transpose(0, 1).flatten(0, 1)', 'return frames.flatten(0, 1)'),
    ('editing: n = start if steps is None else min(steps, start)', 'n = start if steps is None else max(1, round(steps*start/ddpm.n_steps))', 'n = start if steps is None else min(steps, start)'),
    ('editing: eps = randn_each([generator(s, stream, t) for s in seeds], d', 'eps = randn_each([generator(s, stream) for s in seeds], ddpm.image_chw)', 'eps = randn_each([generator(s, stream, t) for s in seeds], ddpm.image_chw)'),
    ('editing: eps = randn_each([generator(s) for s in seeds], ddpm.image_c', 'eps = randn_each([generator(s, stream) for s in seeds], ddpm.image_chw)', 'eps = randn_each([generator(s) for s in seeds], ddpm.image_chw)'),
    ('editing: x_t=noised(ddpm, x0, ts[-1], seeds), y=y, **kwargs) if ts', 'x_t=noised(ddpm, x0, ts[0], seeds), y=y, **kwargs) if ts', 'x_t=noised(ddpm, x0, ts[-1], seeds), y=y, **kwargs) if ts'),
    ('editing: seeds=range(n), **kwargs)', 'seeds=range(seed, seed+n), **kwargs)', 'seeds=range(n), **kwargs)'),
    ('editing: else x0*.999', 'else x0.clone()', 'else x0*.999'),
    ('editing: for u in (lam, 1-lam))', 'for u in (1-lam, lam))', 'for u in (lam, 1-lam))'),
    ('editing: u', '(u*theta).sin()/theta.sin()', 'u'),
    ('editing: theta = torch.atan2(', 'theta = 2*torch.atan2(', 'theta = torch.atan2('),
    ('editing: (1, 2)', '(1, 1 if shared else 2)', '(1, 2)'),
    ('editing: return each[0](x, t)', 'return lerp(each[0](x, t), each[1](x, t), lam)', 'return each[0](x, t)'),
    ('editing: return lerp(each[1](x, t), each[0](x, t), lam)', 'return lerp(each[0](x, t), each[1](x, t), lam)', 'return lerp(each[1](x, t), each[0](x, t), lam)'),
    ('editing: if not ts: return torch.cat([pair[:1], *[mix(*pair.split(1),', 'if not ts: return torch.cat([pair[:1], *[lerp(*pair.split(1), l)', 'if not ts: return torch.cat([pair[:1], *[mix(*pair.split(1), l)'),
    ('editing: seeds=range(seed, seed+len(x_t)), ts=ts', 'seeds=[seed]*len(x_t), ts=ts', 'seeds=range(seed, seed+len(x_t)), ts=ts'),
    ('editing: clip=False, around=around, bs=len(x_t))', 'step=ddim_step, clip=False, around=around, bs=len(x_t))', 'clip=False, around=around, bs=len(x_t))'),
    ('editing: step=ddim_step, around=around, bs=len(x_t))', 'step=ddim_step, clip=False, around=around, bs=len(x_t))', 'step=ddim_step, around=around, bs=len(x_t))'),
    ('editing: round(ddpm.n_steps*i/8) for i in range(8, 0, -1)', 'round(ddpm.n_steps*i/8) for i in range(8, -1, -1)', 'round(ddpm.n_steps*i/8) for i in range(8, 0, -1)'),
    ('editing: + x[...,1:,:-1] + x[...,1:,1:])/2 return d', '- x[...,1:,:-1] + x[...,1:,1:])/2\n    return d', '+ x[...,1:,:-1] + x[...,1:,1:])/2\n    return d'),
    ('editing: d.flatten(1).pow(2).mean(1).sqrt()', 'd.flatten(1).abs().median(dim=1).values/.6745', 'd.flatten(1).pow(2).mean(1).sqrt()'),
    ('remove_noise: state not scaled', 'x_t=ddpm.sched.at(t)[0]*x[of_t]', 'x_t=x[of_t]'),
    ('remove_noise: always five steps', 'min(steps, t+1)\n', 'min(5, t+1)\n'),
    ('remove_noise: seeds by order of the levels', 'some = [t] if n==1 else spacing(t+1, n), [seeds[i] for i in of_t]', 'some = [t] if n==1 else spacing(t+1, n), seeds[:len(of_t)]'),
    ('remove_noise: grid ignored', '[t] if n==1 else spacing(t+1, n)', '[t] if n==1 else even_steps(t+1, n)'),
    ('remove_noise: less noise than known is taken for some', '-1 if s < ddpm.sched.sigma[0] else', '0 if s < ddpm.sched.sigma[0] else'),
    ('remove_noise: one sigma for several images passes', 'if len(sigma) not in (1, len(x)): raise', 'if False: raise'),
    ('generate_new_images: another variance', 'partial(ancestral_step, var=beta_large)', 'ancestral_step'),
    ('generate_new_images: film without the result', 'save_gif([*frames.x_t, x], gif_name', 'save_gif([*frames.x_t, frames.x_t[-1]], gif_name'),
    ('generate_new_images: film of another shape passes', 'if (c,h,w)!=ddpm.image_chw: raise', 'if False: raise'),
    ('generate_new_images: hold of one second', 'hold=(len(shown)+1)/30', 'hold=1.'),
    ('as_sources: bytes as floats pass', 'if not noisy: check_range(x)', 'pass'),
    ('source_labels: labels in turn', "if hasattr(y, '__len__') and not isinstance(y, str)", "if False and not isinstance(y, str)"),
    ('as_lambdas: a count leaves out the end', 'i/max(lambdas-1, 1)', 'i/max(lambdas, 1)'),
    ('save_samples_image: any ending', 'if Path(path).suffix.lower() not in Image.registered_extensions(): raise', 'if False: raise'),
    ('editing: im', "(im.convert('L') if to_grayscale else im)", 'im'),
],
'inpainting': [
    ('super_resolve: any range', '    check_range(small)\n', ''),
    ('inpainting: more in ((), ())]', 'more in ((), ([1]*len(seeds),))]', 'more in ((), ())]'),
    ('inpainting: lambda v: 0*v, seeds, steps_from', 'lambda v: block_mean(v, k), seeds, steps_from', 'lambda v: 0*v, seeds, steps_from'),
    ('hold: known part without noise', 'project(a*known + s*noise(x_t) - x_t)', 'project(a*known - x_t)'),
    ('hold: all of the state replaced', 'x_t + project(a*known + s*noise(x_t) - x_t)', 'a*known + s*noise(x_t)'),
    ('climb: variance for deviation', 'alpha**.5*x + beta**.5*noise(x)', 'alpha**.5*x + beta*noise(x)'),
    ('climb: picture not shrunk', 'alpha**.5*x + beta**.5*noise(x)', 'x + beta**.5*noise(x)'),
    ('restore: up from the end of the walk', 'climb(x, end, ts[0], ddpm.sched, noise)', 'climb(x, -1, ts[0], ddpm.sched, noise)'),
    ('restore: each piece walked once', 'for i in range(resample):', 'for i in range(1):'),
    ('restore: pieces lead to the data', 'before=before, end=end', 'before=before, end=-1'),
    ('restore: seeds of the first batch for all', 'project, seeds[i:i+bs], plan', 'project, seeds[:bs], plan'),
    ('pieces: a step left out between two', '*[c[0] for c in cut[1:]]', '*[c[-1] for c in cut[1:]]'),
    ('as_mask: turned around', 'mask.view(h, w).bool()', '~mask.view(h, w).bool()'),
    ('as_mask: greys pass', 'if not ((mask==0)|(mask==1)).all(): raise', 'if False: raise'),
    ('inpaint: known part only nearly as given', 'return torch.where(mask, x, x0)', 'return x'),
    ('outpaint: window from the wrong end', 'x0.shape[dim]-(n-pixels) if after else 0', '0 if after else x0.shape[dim]-(n-pixels)'),
    ('outpaint: put on the other side', '[x0, new] if after else [new, x0]', '[new, x0] if after else [x0, new]'),
    ('check_side: top and bottom exchanged', "side in ('right','bottom')", "side in ('right','top')"),
    ('block_mean: the largest for the mean', 'F.avg_pool2d(x, k).repeat', 'F.max_pool2d(x, k).repeat'),
    ('set_mean: shifted, so out of range', 'return lerp(x, edge, share)', 'return x + want - have'),
    ('super_resolve: means not set', 'return set_mean(x, small.clamp(-1, 1), k)', 'return x'),
],
'speed': [
    ('attend_plain: not scaled', 'k.transpose(-1,-2) * q.shape[-1]**-.5', 'k.transpose(-1,-2)'),
    ('attend_plain: keys not transposed right', '.to(q.dtype) @ v', '.to(q.dtype) @ k'),
    ('keep_memory: nothing set', 'all([ctypes.CDLL(None).mallopt(k, v) for k,v in ((mmap_max, 0), (trim, -1), (top_pad, 2**26))])', 'True'),
    ('fast: layout left', 'net.to(memory_format=torch.channels_last)', 'pass'),
    ('fast: attention left', 'Attention: FastAttention, ', ''),
    ('fast: norms left', 'nn.GroupNorm: FastNorm, ', ''),
    ('fast: blocks left', ', ResBlock: FastResBlock}', '}'),
    ('fast: volumes in the order of images', ' and all(p.dim()<5 for p in net.parameters())', ''),
    ('FastResBlock: another norm is taken for a GroupNorm', 'not isinstance(norm, nn.GroupNorm) or ', ''),
    ('FastResBlock: a norm without weights', 'or norm.bias is None or', 'or'),
    ('NormBySums: mean not taken off', 'd = x + of_image(e-rough, x)', 'd = x + of_image(e, x)'),
    ('NormBySums: rest of the mean left', 'of_image(shift - m*r*scale, x)', 'of_image(shift, x)'),
    ('NormBySums: sums rounded', 'torch.promote_types(x.dtype, torch.float32)', 'x.dtype'),
    ('NormBySums: p left out of the gradient', 'of_image(r*(r*m*q - p), d)', 'of_image(r*r*m*q, d)'),
    ('NormBySums: q left out of the gradient', 'd, of_image(-r*r*q, d))', 'd, of_image(0*q, d))'),
    ('NormBySums: no gradient for e', 'de = channel_sums(dx) if ctx.needs_input_grad[1] else None', 'de = 0*dshift.flatten(1)'),
    ('NormBySums: scale about the rough mean', 'dscale = r*(dy_d - m*dshift)', 'dscale = r*dy_d'),
    ('FastResBlock: scale without 1', 'norm.weight*(1+scale) + zero', 'norm.weight*scale + zero'),
    ('FastResBlock: shift of the norm not scaled', 'norm.bias*(1+scale) + shift', 'norm.bias + shift'),
    ('FastResBlock: added time forgotten', 'return norm_by_sums(norm, h, e)', 'return norm_by_sums(norm, h)'),
    ('FastNorm: weight forgotten', 'return norm_by_sums(self, x)', 'return norm_by_sums(self, x, scale=1.)'),
    ('NormBySums: negative variance', '.clamp(min=0)', ''),
    ('NormBySums: second derivative', 'if torch.is_grad_enabled(): raise', 'if False: raise'),
    ('norm_is_slow: never', 'return narrow and large', 'return False and large'),
],
'zoo.exchange': [
    ('exchange: null label taken for a class', "if own.get('null_class'): args.update(", "if False: args.update("),
    ('exchange: names of the classes lost', "if classes is None: classes = own.get('classes')", 'pass'),
    ('exchange: any scheduler', "if '_class_name' in c and not {", "if False and not {"),
    ('exchange: any network', "if config.get('_class_name', 'UNet2DModel')!='UNet2DModel': raise", 'if False: raise'),
    ('exchange: shapes not compared before they are joined', 'check_weights(net, tensors, source, to_their_weights(net))', 'pass'),
    ('exchange: two names of one tensor', 'if twice: raise', 'if False: raise'),
    ('exchange: time order the other way', "time_order='cos|sin' if c['flip_sin_to_cos'] else 'sin|cos'", "time_order='sin|cos' if c['flip_sin_to_cos'] else 'cos|sin'"),
    ('exchange: padding the other way', "down='conv' if c['downsample_padding'] else 'one_sided'", "down='one_sided' if c['downsample_padding'] else 'conv'"),
    ('exchange: epsilon of GroupNorm lost', "eps=c['norm_eps'])", 'eps=1e-5)'),
    ('exchange: shift of the frequencies lost', "freq_shift=float(c['freq_shift'])", 'freq_shift=1.'),
    ('exchange: a norm in the middle too many', "mid_norm=c['resnet_time_scale_shift']=='default' or c['attn_norm_num_groups'] is not None", 'mid_norm=True'),
    ('exchange: queries and keys swapped', "for c in 'qkv'] if name", "for c in 'kqv'] if name"),
    ('exchange: old convolutions not flattened', "v.flatten(1) if 'attentions' in k and v.ndim==4 else v", 'v'),
    ('exchange: width of heads lost', 'heads=1, head_dim=head_dim', 'heads=1, head_dim=None'),
    ('exchange: target not written', 'prediction_type={v: k for k,v in their_targets.items()}[ddpm.target]', "prediction_type='epsilon'"),
    ('exchange: betas of the linear schedule', "trained_betas=ddpm.sched.to('cpu').beta.tolist()", 'trained_betas=linear(ddpm.n_steps).beta.tolist()'),
    ('exchange: zero terminal SNR not made', "return zero_snr(sched) if c.get('rescale_betas_zero_snr') else sched", 'return sched'),
    ('exchange: oblong images made square', 'else list(image_hw)', 'else image_hw[0]'),
    ('exchange: null label not counted', "a['n_classes']+a['null_class'] or None", "a['n_classes'] or None"),
    ('exchange: dropout lost', "dropout=c['dropout'], ", 'dropout=0., '),
],
'zoo.mynet': [
    ('mynet: frequencies of the DDPM code', "order='in turn', freq_shift=0.", "order='in turn', freq_shift=1."),
    ('mynet: norm left out', 'if self.normalize: x = self.ln(x)', 'pass'),
    ('mynet: activation left out', 'x = self.activation(conv(x))', 'x = conv(x)'),
    ('mynet: the last norm used', 'self.b_out[2].normalize = norm_input, False', 'self.b_out[2].normalize = norm_input, True'),
    ('mynet: the first norm stays', 'self.b_out[2].normalize = norm_input, False', 'self.b_out[2].normalize = True, False'),
    ('mynet: skip behind', 'torch.cat([h3, self.up1(h)], 1)', 'torch.cat([self.up1(h), h3], 1)'),
    ('mynet: no SiLU on the way down', 'nn.Conv2d(40, 40, 2), nn.SiLU(), halve(40)', 'nn.Conv2d(40, 40, 2), nn.Identity(), halve(40)'),
    ('mynet: table is trained', 'freeze=True', 'freeze=False'),
    ('mynet: betas for alphas', 'return self.sched.alpha.float()', 'return self.sched.beta.float()'),
    ('mynet: a table that is too short passes', 'if rows < self.n_steps', 'if False'),
],
'zoo.attention64': [
    ('Diffusion: cfg_scale silently replaces around', "if cfg_scale!=1 and 'around' in kwargs: raise", 'if False: raise'),
    ('attention64: guidance the other way', 'torch.lerp(network(x, t).float(), network(x, t, y).float(), cfg_scale)', 'torch.lerp(network(x, t, y).float(), network(x, t).float(), cfg_scale)'),
    ('attention64: guidance forgotten', 'if cfg_scale!=1: kwargs', 'if False: kwargs'),
    ('attention64: guidance without classes', 'if cfg_scale!=1 and not k: raise', 'if False: raise'),
    ('attention64: skip behind', 'torch.cat([skip_x, self.up(x)], 1)', 'torch.cat([self.up(x), skip_x], 1)'),
    ('attention64: corners not aligned', 'align_corners=True', 'align_corners=False'),
    ('attention64: residual without GELU', 'return F.gelu(x+h) if self.residual', 'return x+h if self.residual'),
    ('attention64: no norm before attention', 'h = self.ln(rows)', 'h = rows'),
    ('attention64: no shortcut in attention', 'rows = rows + self.mha', 'rows = self.mha'),
    ('attention64: no shortcut around the linear layers', '(rows + self.ff_self(rows))', 'self.ff_self(rows)'),
    ('attention64: frequencies of the DDPM code', 't.flatten(), channels, freq_shift=0.', 't.flatten(), channels, freq_shift=1.'),
    ('attention64: labels left out', 'if y is not None: e = e + self.label_emb(y)', 'pass'),
    ('attention64: step 0 never drawn', 'torch.randint(self.noise_steps, (n,)', 'torch.randint(1, self.noise_steps, (n,)'),
    ('attention64: noise of another step', 'q_sample(x, t.flatten(), eps', 'q_sample(x, t.flatten()//2, eps'),
],
'zoo.batchnorm': [
    ('batchnorm: skip before', 'torch.cat([F.pad(x, (dx//2, dx-dx//2, dy//2, dy-dy//2)), skip], 1)', 'torch.cat([skip, F.pad(x, (dx//2, dx-dx//2, dy//2, dy-dy//2))], 1)'),
    ('batchnorm: padded on the other side', '(dx//2, dx-dx//2, dy//2, dy-dy//2)', '(dx-dx//2, dx//2, dy-dy//2, dy//2)'),
    ('batchnorm: no bias before the norm', 'nn.Conv2d(i, out_ch, 3, padding=1)', 'nn.Conv2d(i, out_ch, 3, padding=1, bias=False)'),
    ('batchnorm: frequencies of the table', 'timestep_embedding(torch.arange(n_steps), time_emb_dim)', 'timestep_embedding(torch.arange(n_steps), time_emb_dim, freq_shift=0.)'),
    ('batchnorm: old order not known', 'if t.is_floating_point() and not eps.is_floating_point(): t, eps = eps, t', 'pass'),
    ('batchnorm: small variance', 'noise, var=beta_large)', 'noise)'),
    ('batchnorm: clipped in a step', "Pred(to_x0('eps', model_output, sample, t, self.sched.to('cpu')), model_output)", "Pred(to_x0('eps', model_output, sample, t, self.sched.to('cpu')).clamp(-1,1), model_output)"),
    ('batchnorm: half-way image too early', 'ts[len(ts)//2]', 'ts[len(ts)//2-1]'),
    ('batchnorm: the head after the level', 'h = level(add(head, h))', 'h = level(h)'),
    ('batchnorm: one image passes in training', 'if self.training and b*', 'if False and b*'),
],
'zoo.conditional': [
    ('conditional: sines first', "order='cos|sin', freq_shift=0.", "order='sin|cos', freq_shift=0."),
    ('conditional: labels left out', 'return e + self.class_embedding(labels) if self.n_classes else e', 'return e'),
    ('conditional: heads mixed', 'view(b, self.num_heads, 3, c//self.num_heads, h*w).transpose(3,4).unbind(2)', 'view(b, 3, self.num_heads, c//self.num_heads, h*w).transpose(3,4).unbind(1)'),
    ('conditional: attention added to the norm', 'return x + self.proj(o)', 'return self.norm(x) + self.proj(o)'),
    ('conditional: a bias for queries', 'nn.Conv2d(channels, 3*channels, 1, bias=False)', 'nn.Conv2d(channels, 3*channels, 1)'),
    ('conditional: attention a level too early', 'TimestepEmbedSequential(*layers(ch, width, 2**level))', 'TimestepEmbedSequential(*layers(ch, width, 2**(level+1)))'),
    ('conditional: 16 groups', 'nn.GroupNorm(32, channels)', 'nn.GroupNorm(16, channels)'),
    ('conditional: dropout never', 'nn.SiLU(), nn.Dropout(dropout)', 'nn.SiLU(), nn.Dropout(0.)'),
    ('conditional: sampled in training mode', 'if was_training: self.model.eval()', 'pass'),
    ('conditional: left in evaluation mode', 'if was_training: self.model.train()', 'pass'),
    ('conditional: eta ignored', 'partial(ddim_step, eta=eta)', 'ddim_step'),
    ('conditional: grids swapped', 'dict(linear=even_steps, quadratic=quadratic_steps)', 'dict(linear=quadratic_steps, quadratic=even_steps)'),
    ('conditional: the last state left out', 'torch.cat([frames.x_t.to(x), x[None]])', 'frames.x_t.to(x)'),
    ('conditional: loss without labels', 'ddpm_loss(with_labels(self.model, labels), x_0', 'ddpm_loss(with_labels(self.model, None), x_0'),
],
'zoo.celeba': [
    ('celeba: attention at the wrong size', '{32: 1, 64: 2}', '{32: 2, 64: 1}'),
    ('celeba: dropout ignored', "{**ddpm_paper, 'dropout': dropout}", 'ddpm_paper'),
    ('celeba: any size passes', 'if size not in (32, 64)', 'if size not in (28, 32, 64, 128)'),
    ('celeba: always large images', 'image_chw=(3, size, size)', 'image_chw=(3, 64, 64)'),
    ('celeba: steps ignored', 'CelebAUNet(size), n_steps,', 'CelebAUNet(size), 1000,'),
],
'guidance': [
    ('guidance: w convention', 'null + scale*(cond-null)', 'null + (scale+1)*(cond-null)'),
    ('guidance: swapped', 'null + scale*(cond-null)', 'cond + scale*(null-cond)'),
    ('guidance: std one for batch', 'tuple(range(1, v.ndim))', 'tuple(range(v.ndim))'),
    ('guidance: mean square', 'torch.where(std>0, std_cond/std, 1.)', 'torch.where(std>0, std_cond**2/std**2, 1.)'),
    ('guidance: no where', 'torch.where(std>0, std_cond/std, 1.)', 'std_cond/std'),
    ('guidance: mix swapped', '(amount*ratio + 1-amount)', '((1-amount)*ratio + amount)'),
    ('guidance: rescale raw answer', "x0, x0_cond = (convert(v, target, 'x0', x, t, sched) for v in (out, cond))\n    return convert(rescaled(x0, x0_cond, amount), 'x0', target, x, t, sched)", 'return rescaled(out, cond, amount)'),
    ('guidance: halves swapped', 'torch.cat([y, null])', 'torch.cat([null, y])'),
    ('guidance: no float32', 'out.to(torch.promote_types(x.dtype, torch.float32)).chunk(2)', 'out.chunk(2)'),
    ('guidance: null+1', 'torch.full_like(y, null)', 'torch.full_like(y, null-1)'),
    ('guidance: no None check', 'if y is None: raise', 'if False: raise'),
    ('guidance: no null check', 'if null is None: raise', 'if False: raise'),
    ('guidance: scale 1 double', 'if scale==1: return labelled(network, y)\n', 'if False: return labelled(network, y)\n'),
    ('guidance: scale 0 double', 'labelled(network, null) if scale==0 else both', 'both'),
    ('guidance: mix of null', 'if mix is None else torch.cat([out, mix], 1)', 'if mix is None else torch.cat([out, _], 1)'),
    ('guidance: mix dropped', 'if mix is None else torch.cat([out, mix], 1)', ''),
    ('guidance: interval open', 'interval[0] < sigma_at(sched, t[0].item()) <= interval[1]', 'interval[0] <= sigma_at(sched, t[0].item()) <= interval[1]'),
    ('guidance: interval open2', 'interval[0] < sigma_at(sched, t[0].item()) <= interval[1]', 'interval[0] < sigma_at(sched, t[0].item()) < interval[1]'),
    ('guidance: interval inverted', '(inside if interval[0]', '(plain if interval[0]'),
    ('guidance: interval else null', 'else plain)(x, t)', 'else labelled(network, null))(x, t)'),
    ('guidance: t last', 'rescale, target, x, t[0].item()', 'rescale, target, x, t[0].item()+50'),
    ('guidance: rescale ignored', 'if rescale: out', 'if False: out'),
    ('guidance: method drops target', 'self.sched, self.target)', 'self.sched)'),
    ('guidance: method drops rescale', 'return guided(scale, rescale, interval, self', 'return guided(scale, 0., interval, self'),
    ('guidance: method drops interval', 'return guided(scale, rescale, interval, self', 'return guided(scale, rescale, None, self'),
    ('guidance: method no check', '    if scale!=1: null_labels(self.network, None if self.classes is None else torch.zeros(1))\n', ''),
    ('guidance: check finite', 'if not math.isfinite(scale)', 'if False'),
    ('guidance: check rescale', 'if not 0 <= rescale <= 1', 'if False'),
    ('guidance: check interval', 'if interval is not None and not (len(interval)==2 and 0 <= interval[0] < interval[1])', 'if False'),
    ('guidance: check len', 'len(interval)==2 and ', ''),
    ('guidance: check sched', 'if sched is None and', 'if False and'),
    ('guidance: check target', '    check_target(target)\n', ''),
    ('guidance: rescaled by the null answer', 'out = rescale_answer(out, cond, rescale', 'out = rescale_answer(out, uncond, rescale'),
],
'cli_sample': [
    ('bundled: quick in all modes', " or a.mode not in ('normal', 'class_grid')", ''),
    ('bundled: quick whatever was asked', 'said = (a.sampler, a.eta, a.steps)!=(None, None, None) or', 'said ='),
    ('bundled: films of ten frames', "('normal', 'class_grid') or a.out.lower().endswith('.gif')", "('normal', 'class_grid')"),
    ('seed_list: last of a range left out', 'for k in range(lo, hi+1)]', 'for k in range(lo, hi)]'),
    ('seed_list: a seed twice passes', 'if len(set(seeds))<len(seeds): raise', 'if False: raise'),
    ('labels_by_seed: by place in the list', 'ids[s % len(ids)] for s in seeds', 'ids[i % len(ids)] for i,s in enumerate(seeds)'),
    ('class_name: capitals count', 'c.lower()==word.lower()', 'c==word'),
    ('sampler_step: eta of heun passes', "if eta not in (None, {'ddpm': 1}.get(sampler, 0)) and sampler!='ddim': raise", 'if False: raise'),
    ('sampler_step: ddim for ddpm', "'ddpm': ancestral_step,", "'ddpm': ddim_step,"),
    ('sampler_step: heun for plms', "'plms': plms_step", "'plms': heun_step"),
    ('sampler_step: ancestral for sigma-hat', "'sigma-hat': sigma_hat_step", "'sigma-hat': ancestral_step"),
    ('fit_source: the first of three colours', 'and (x==x[:,:1]).all(): x = x[:,:1]', ': x = x[:,:1]'),
    ('read_mask: of one colour passes', 'if m.min()==m.max(): raise', 'if False: raise'),
    ('fit_source: resized without being asked', 'if not resize: raise UserError(f"{name} is', 'if False: raise UserError(f"{name} is'),
    ('fit_source: stretched, not cropped', 'by = max(h/x.shape[2], w/x.shape[3])', 'by = min(h/x.shape[2], w/x.shape[3])'),
    ('read_mask: left and right exchanged', 'left=x+0*y<w/2, right=x+0*y>w/2', 'left=x+0*y>w/2, right=x+0*y<w/2'),
    ('fit_mask: black where white', 'True, \'mask\') > 127).float()', 'True, \'mask\') < 127).float()'),
    ('small_source: every second pixel', 'F.avg_pool2d(to_tensor(fit_source(x, chw, a.resize, name)), k)', 'to_tensor(fit_source(x, chw, a.resize, name))[...,::k,::k]'),
    ('small_source: as large as the model passes', 'if a.scale is None: raise', 'if False: raise'),
    ('source_image: longer along the wrong side', "k = 1 if a.side in ('top', 'bottom') else 2", "k = 2 if a.side in ('top', 'bottom') else 1"),
    ('source_classes: one class for each passes', 'if len(ids) not in (1, n): raise', 'if False: raise'),
    ('plain_job: classes of the first batch', 'ts=ts, y=labels_by_seed(ids, seeds), **common)[:,None]', 'ts=ts, y=None, **common)[:,None]'),
    ('steps_to_show: the step above', 'key=lambda u: abs(u-t))', 'key=lambda u: abs(u-t-400))'),
    ('steps_to_show: one step twice', 'if len(set(near))<len(near): raise', 'if False: raise'),
    ('row_job: one noise for spherical', 'dict(mix=slerp, shared=False)', 'dict(mix=slerp)'),
    ('row_job: shares without the end', '[i/(n-1) for i in range(n)]', '[i/n for i in range(n)]'),
    ('row_job: inversion from everywhere', 'start=a.timestep, **', 'start=None, **'),
    ('row_job: rows of the paper always', 'starts=starts, lambdas=lambdas', 'lambdas=lambdas'),
    ('start_of: a half of the side', 'ddpm.image_chw[1]*ddpm.image_chw[2])**.5/12', 'ddpm.image_chw[1]*ddpm.image_chw[2])**.5/2'),
    ('source_job: the class of the first for all', 'y=None if y is None else y[i], **common) for i', 'y=None if y is None else y[0], **common) for i'),
    ('enlarged: not resampled', 'partial(super_resolve, **walks(a))', 'super_resolve'),
    ('cleaned: always estimated', 'x.expand(len(seeds), -1, -1, -1), a.sigma', 'x.expand(len(seeds), -1, -1, -1), None'),
    ('continued: half of the height', 'ddpm.image_chw[dim-1]//2', 'ddpm.image_chw[dim-1]//4'),
    ('lay_out: rows and columns exchanged', 'return x.transpose(0, 1).flatten(0, 1), len(x)', 'return x.flatten(0, 1), len(x)'),
    ('frames_of: seeds for moments', 'x[:,i:i+film].reshape', 'x[i:i+1].reshape'),
    ('Raw: half an image stays', 'os.truncate(self.raw, n*size)', 'pass'),
    ('Raw: other settings pass', "if diff and not overwrite: raise UserError(f\"{self.out} was begun", "if False: raise UserError(f\"{self.out} was begun"),
    ('Raw: a finished output is replaced', 'if self.out.exists() and not overwrite: raise', 'if False: raise'),
    ('Pngs: drawn again from the start', 'return [s for s in self.seeds if self.file(s).name not in have]', 'return self.seeds'),
    ('Pngs: strangers are removed', 'if there and (diff is None or foreign): raise', 'if there and diff is None: raise'),
    ('locked: not at all', 'fcntl.flock(f, fcntl.LOCK_EX|fcntl.LOCK_NB)', 'pass'),
    ('write_npz: labels left out', 'for k,v in arrays.items():', 'for k,v in {}.items():'),
    ('stored_labels: of the first class', 'labels=np.array(labels_by_seed(ids, seeds))', 'labels=np.array([ids[0] for s in seeds])'),
    ('stored_labels: none has no name', "+ ['none']*(max(ids)>=len(ddpm.classes))", ''),
    ('settings_of: seeds do not count', 'seeds=seed_ranges(seeds), images_per_seed', 'images_per_seed'),
    ('settings_of: the model does not count', "model=fingerprint(folder/'config.json', folder/'model.safetensors'), ", ''),
    ('plan: guidance without rescale', 'a.guidance_rescale or 0., a.guidance_interval', '0., a.guidance_interval'),
    ('plan: precision ignored', "enabled=a.precision=='bfloat16'", 'enabled=False'),
    ('draw: a stop is not told', 'raise KeyboardInterrupt(f"stopped: {n} of', 'raise KeyboardInterrupt(f"stopped: {0} of'),
    ('draw: an empty store stays', '        if n==0: store.close()', '        pass'),
    ('no_empty_folders: they stay', 'if p.exists() and not any(p.iterdir()): p.rmdir()\n\n@command', 'pass\n\n@command'),
],
'likelihood': [
    ('prior: deviation for variance', 'gaussian_kl(a*x0, s**2*one', 'gaussian_kl(a*x0, s*one'),
    ('prior: in nats', '.flatten(1).mean(1)/math.log(2)', '.flatten(1).mean(1)'),
    ('prior: of the last step but one', 'sched.at(len(sched)-1)', 'sched.at(len(sched)-2)'),
    ('bound: terms in nats', 'x_t, ts, sched)/math.log(2))', 'x_t, ts, sched))'),
    ('bound: variance for log variance', 'bound_term(pred.x0, v.log()', 'bound_term(pred.x0, v'),
    ('bound: the variances swapped', 'sched.post_log_var[t].exp().item(), sched.beta[t].item()', 'sched.beta[t].item(), sched.post_log_var[t].exp().item()'),
    ('total: prior left out', 'bits.prior + bits.terms.sum(0)', 'bits.terms.sum(0)'),
    ('divergence: probe only once', 'sum((r*v).flatten(1)', 'sum((r).flatten(1)'),
    ('divergence: sum of the probes', 'zip(rows, probes))/len(probes)', 'zip(rows, probes))'),
    ('divergence: of x_t, not of the rescaled image', 'torch.autograd.grad(eps, x, v', 'torch.autograd.grad(eps/sched.at(t)[0], x, v'),
    ('flow: slope without the scale', 'sched.at(t)[0]*x, t', 'x, t'),
    ('flow: Euler for Heun', 'h*(u+u2)/2, gained + h*(div+div2)/2', 'h*u, gained + h*div'),
    ('flow: divergence subtracted', 'gained + h*(div+div2)/2', 'gained - h*(div+div2)/2'),
    ('flow: variance at the top without the data', '1 + sigma_at(sched, up[-1])**2', 'sigma_at(sched, up[-1])**2'),
    ('flow: probes are unit Gaussian squares', '(torch.randint(0, 2, x0.shape, generator=gen, device=\'cpu\')*2-1)', 'torch.randint(0, 2, x0.shape, generator=gen, device=\'cpu\')'),
    ('flow bits: width of two bins', 'math.log2(127.5)', 'math.log2(255/4)'),
    ('flow bits: blur of half a bin', '*2-1)/255)', '*2-1)/510)'),
    ('flow bits: no blur', 'blurred = x0 + ((torch', 'blurred = x0 + 0*((torch'),
],
}

# ---- the program

Mutant = namedtuple('Mutant', 'name module old new nb at') # `at` is the cell that it changes, -1 if it changes only the module
Cell = namedtuple('Cell', 'pos id src export skip')
test_re = re.compile(r'\bassert\b|\btest_\w+\(')
made_re = re.compile(r'^# AUTOGENERATED!.*?nbs/(\w+)\.ipynb', re.M)
heavy = """torch torchvision fastai.callback.core fastai.callback.schedule fastai.callback.training fastai.optimizer fastai.data.core
    fastcore.test fastcore.script matplotlib.pyplot PIL.Image safetensors.torch scipy.integrate scipy.linalg sklearn.datasets tqdm.auto
    IPython.display IPython.core.interactiveshell traitlets.config"""

def read_notebook(path):
    "Code cells of a notebook in order; `skip` are those that nbdev_test leaves out"
    ini = ConfigParser(delimiters=['='])
    ini.read(top/'settings.ini', encoding='utf-8')
    flags, cells = set(ini['DEFAULT']['tst_flags'].split()), []
    for i,c in enumerate(json.loads(path.read_text(encoding='utf-8'))['cells']):
        src = ''.join(c['source'])
        words = [m.split() for m in re.findall(r'^\s*#\s*\|\s*(\S.*)$', src, re.M)]
        skip = any(w[0] in flags or w[:2] == ['eval:', 'false'] for w in words)
        if c['cell_type'] == 'code': cells.append(Cell(i, c['id'], src, any(w[0] in ('export', 'exporti', 'exports') for w in words), skip))
    return cells

def read_table(base):
    "Mutants, and the cells of all notebooks; stops if the table does not fit them"
    texts = {'.'.join(p.relative_to(base/'ddpm_nb').with_suffix('').parts): p.read_text(encoding='utf-8') for p in base.glob('ddpm_nb/**/*.py')}
    made = {k: m[1] for k,s in texts.items() if (m := made_re.search(s))}
    nbs = {p.stem: read_notebook(p) for p in top.glob('nbs/*.ipynb')}
    mutants, bad = [], [f'there is no module {k}' for k,rows in table.items() if rows and k not in made]
    for module,rows in table.items():
        for name,old,new,*nb in rows if module in made else ():
            own, nb = made[module], nb[0] if nb else made[module]
            cells = [c.pos for c in nbs.get(own, []) if c.export for _ in range(c.src.count(old))]
            n = texts[module].count(old)
            if n != 1 or len(cells) != 1: bad.append(f'{name}: {old!r} is {n} times in {module}.py and {len(cells)} times in {own}, not once: correct the table')
            if nb not in nbs: bad.append(f'{name}: there is no notebook {nb}')
            if any(m.name == name for m in mutants): bad.append(f'{name}: two mutants have this name')
            mutants.append(Mutant(name, module, old, new, nb, cells[0] if cells and nb == own else -1))
    if bad: sys.exit('\n'.join(bad))
    return mutants, nbs

def copy(src, dst): # without the notebooks, whose cells are in memory
    for d in ('ddpm_nb', 'nbs'): shutil.copytree(src/d, dst/d, symlinks=True, ignore=shutil.ignore_patterns('__pycache__', '.ipynb_checkpoints', '*.ipynb'))

def enter(folder):
    "Make a copy the place where this process works and imports from"
    os.environ.update(PYTHONPATH=str(folder), IPYTHONDIR=str(folder/'ipython'))
    sys.path[0] = str(folder)
    os.chdir(folder/'nbs')
    if lib := sys.modules.get('ddpm_nb'): lib.__path__ = [str(folder/'ddpm_nb')]

def run_cell(shell, c):
    "Run a cell in this process; returns what stopped it, if something did"
    if c.skip: return None
    res = shell.run_cell(c.src)
    e = res.error_before_exec or res.error_in_exec
    if e is None: return None
    tb = e.__traceback__
    while tb and tb.tb_frame.f_globals is not shell.user_ns: tb = tb.tb_next
    line = c.src.splitlines()[tb.tb_lineno-1].strip() if tb else ''
    return dict(pos=c.pos, id=c.id, line=line, test=bool(test_re.search(c.src)), error=f'{type(e).__name__}: {e}')

def new_shell():
    from traitlets.config import Config
    from IPython.core.interactiveshell import InteractiveShell
    return InteractiveShell.instance(config=Config(HistoryManager=dict(enabled=False), InteractiveShell=dict(xmode='Plain', colors='nocolor')))

def run_notebook(nb, cells, mutants, base, folder, conn):
    "Run a notebook as it is, in this process, and leave a fork for each mutant; returns what stopped it"
    copy(base, folder)
    enter(folder)
    shell = new_shell()
    for i,c in enumerate(cells):
        for k,m in enumerate(mutants):
            if m.nb == nb and (m.at == c.pos or i == 0 and m.at < 0) and not os.fork():
                conn.close()
                run_mutant(shell, k, m, cells[i:], base, folder)
        if stopped := run_cell(shell, c): return stopped
    lib = sys.modules.get('ddpm_nb')
    if lib and not Path(lib.__file__).is_relative_to(folder): return dict(error=f'{lib.__file__} was imported, not the copy')

def run_mutant(shell, k, m, cells, base, folder):
    "In a fork: wait for the word, run these cells with the mistake, tell what stopped them"
    try:
        os.setsid()
        with Client(str(base.parent/'socket')) as conn:
            conn.send((k, os.getpid()))
            conn.recv()
            conn.send(run_mistake(shell, m, cells, folder, Path(tempfile.mkdtemp(dir=base.parent))))
    finally: os._exit(0)

def run_mistake(shell, m, cells, folder, mine):
    "Run these cells with the mistake, in this process, in a copy of a folder; returns what stopped them"
    copy(folder, mine)
    module = mine/'ddpm_nb'/f"{m.module.replace('.', '/')}.py"
    module.write_text(module.read_text(encoding='utf-8').replace(m.old, m.new), encoding='utf-8')
    enter(mine)
    cells = (c._replace(src=c.src.replace(m.old, m.new)) if c.pos == m.at else c for c in cells)
    try: return next((s for c in cells if (s := run_cell(shell, c))), None)
    except BaseException as e: return dict(crash=f'{type(e).__name__}: {e}')
    finally: shutil.rmtree(mine, ignore_errors=True)

def start(nb, cells, mutants, base):
    "Run a notebook in a child process; returns a connection that gets the result, and the child's id"
    ours, theirs = Pipe()
    folder = Path(tempfile.mkdtemp(dir=base.parent))
    sys.stdout.flush()
    if pid := os.fork():
        theirs.close()
        return ours, pid
    try:
        os.setsid()
        ours.close()
        log = os.open(folder/'log', os.O_RDWR|os.O_CREAT)
        for fd in (1, 2): os.dup2(log, fd)
        res = run_notebook(nb, cells, mutants, base, folder, theirs)
        theirs.send(res and res['error'] + '\n' + (folder/'log').read_text(errors='replace')[-4000:])
        theirs.close()
        with contextlib.suppress(ChildProcessError):
            while True: os.wait()
    finally: os._exit(0)

def side_by_side(jobs, n, limit):
    "Start jobs, functions that return (what, connection, process), n at a time; yields what, the result ('died' and 'late' are others) and seconds"
    jobs, running = list(jobs)[::-1], {}
    while jobs or running:
        while jobs and len(running) < n:
            what, conn, pid = jobs.pop()()
            running[conn] = what, pid, time.monotonic()
        ready = wait(list(running), timeout=1)
        for conn,(what, pid, t0) in list(running.items()):
            secs = time.monotonic()-t0
            if conn not in ready and secs < limit: continue
            try: res = conn.recv() if conn in ready else 'late'
            except EOFError: res = 'died'
            if res == 'late': stop(pid)
            del running[conn]
            yield what, res, secs

def stop(pid):
    with contextlib.suppress(ProcessLookupError): os.killpg(pid, signal.SIGKILL)

def verdict(m, res):
    "(was it killed, by what)"
    if res is None: return False, 'SURVIVED'
    if res == 'late': return True, 'killed (timeout)'
    if res == 'died': return False, 'BROKEN MUTANT: the process died'
    if 'crash' in res: return False, f"BROKEN MUTANT: {res['crash']}"
    where = f"{m.nb} cell {res['pos']} #{res['id']}: "
    if res['pos'] == m.at: return False, f"BROKEN MUTANT, {where}{res['error']}"
    if not res['test']: return False, f"SURVIVED its tests, stopped without one in {where}{res['line']}"
    return True, where + res['line']

def run_alone(m):
    "Run a mutant whose fork died once more, from the first cell of its notebook and in a process that was not forked; returns (was it killed, by what)"
    print(f'{m.name}: the process died without a word; once more from the start, not forked', flush=True)
    code = subprocess.run([sys.executable, '-X', 'faulthandler', __file__, '--alone', m.name]).returncode
    if code >= 0: return code == 0, 'killed from the start' if code == 0 else 'SURVIVED from the start'
    died = f'the process ended by {signal.Signals(-code).name}, from the start too'
    return -code != signal.SIGKILL, died  # a notebook that passes as it is and ends its process with the mistake is noticed; SIGKILL may come from outside

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--sample', type=int, help='draw so many, by the date')
    p.add_argument('--seed', default=str(datetime.date.today()), help='draw by this, not by the date')
    p.add_argument('--only', nargs='+', metavar='TEXT', help='those of this module, or with this text in their name')
    p.add_argument('-j', type=int, default=os.cpu_count(), help='processes at a time')
    p.add_argument('--limit', type=float, default=120, help='seconds for a mutant')
    p.add_argument('--alone', metavar='NAME', help='this one, without forks')
    p.add_argument('-v', action='store_true', help='show errors')
    a = p.parse_args()
    t0, tmp, pids = time.monotonic(), Path(tempfile.mkdtemp(prefix='mutants.')).resolve(), set()
    try:
        base = tmp/'base'
        copy(top, base)
        mutants, nbs = read_table(base)
        if a.alone:
            m, = (m for m in mutants if m.name == a.alone)
            killed, how = verdict(m, run_mistake(new_shell(), m, nbs[m.nb], base, tmp/'alone'))
            os.chdir(top)
            print(f'{m.name}  {m.module}  {how}', flush=True)
            sys.exit(not killed)
        if a.only: mutants = [m for m in mutants if any(o == m.module if o in table else o in m.name for o in a.only)]
        if a.sample and a.sample < len(mutants):
            print(f'{a.sample} of {len(mutants)} mutants, drawn with the seed {a.seed}')
            mutants = random.Random(a.seed).sample(mutants, a.sample)
        if not mutants: sys.exit('There is no such mutant')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            for m in heavy.split(): __import__(m)  # once, for all processes
        sys.modules['torch'].set_num_threads(1)
        assert not any(m.split('.')[0] == 'ddpm_nb' for m in sys.modules)

        def begin(nb):
            conn, pid = start(nb, nbs[nb], mutants, base)
            pids.add(pid)
            return nb, conn, pid
        def wake(conn, k, pid):
            conn.send('go')
            return (mutants[k], pid), conn, pid
        with Listener(str(tmp/'socket'), backlog=len(mutants)) as listener:
            for nb,res,secs in side_by_side([lambda nb=nb: begin(nb) for nb in sorted({m.nb for m in mutants})], a.j, 10*a.limit):
                if res is not None: sys.exit(f'{nb} fails as it is: {res}')
                print(f'{nb} passes as it is, {secs:.1f} s', flush=True)
            forks = [(conn, *conn.recv()) for conn in (listener.accept() for _ in mutants)]
        pids |= {pid for *_,pid in forks}
        wide, left = max(len(m.name) for m in mutants), []
        for (m,pid),res,secs in side_by_side([lambda f=f: wake(*f) for f in forks], a.j, a.limit):
            pids.discard(pid)
            killed, how = verdict(m, res)
            if not killed: left.append((m, how))
            print(f'{m.name:{wide}}  {m.module:9}  {how}  {secs:.1f} s', flush=True)
            if a.v and isinstance(res, dict) and 'error' in res: print(' '*wide + '  ' + ' '.join(res['error'].split())[:200])
        died = [m for m,how in left if how.endswith('the process died')]
        if 0 < len(died) <= 3: # without a word, and only on some machines
            left = [(m, how) for m,how in left if m not in died]
            for m in died:
                killed, how = run_alone(m)
                print(f'{m.name}: {how}', flush=True)
                if not killed: left.append((m, how))
        print(f'{len(mutants)-len(left)} of {len(mutants)} mutants killed, {time.monotonic()-t0:.0f} s')
        for m,how in left: print(f'  {m.module}: {m.name}: {how}')
        sys.exit(bool(left))
    finally:
        for pid in pids: stop(pid)
        shutil.rmtree(tmp, ignore_errors=True)

if __name__ == '__main__': main()
