/** The generation of images by denoising diffusion: the paper's Tables 1, 2 and 8. */
package org.agr4j.task.diffusion;
