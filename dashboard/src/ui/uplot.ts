/** The chart library with its style sheet, in a part of its own. */
import 'uplot/dist/uPlot.min.css';
export { default } from 'uplot';
