/** Denoising diffusion: the noise schedule, sampling, and how good samples are. */
package org.agr4j.diffusion;
