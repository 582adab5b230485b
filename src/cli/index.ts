export { type Config, type Settings, defineConfig } from './config.ts';
