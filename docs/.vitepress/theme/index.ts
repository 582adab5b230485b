import DefaultTheme from 'vitepress/theme-without-fonts';
import type { Theme } from 'vitepress';
import Chart from './chart.vue';
import Layout from './layout.vue';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  Layout,
  enhanceApp({ app }) {
    app.component('Chart', Chart);
  },
};

// VitePress takes the default export.
export default theme;
