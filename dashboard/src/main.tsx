import { render } from 'preact';
import './styles/index.css';
import { App } from './app';

const place = document.getElementById('app')!;
place.replaceChildren();
render(<App />, place);
