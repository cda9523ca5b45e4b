import Icon from '@cloudscape-design/components/icon';
import Spinner from '@cloudscape-design/components/spinner';
import { megabytes, total } from '../../compose/check';
import { counted, type Item } from '../../compose/content';
import type { Limits } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';

interface Props {
  readonly items: readonly Item[];
  readonly limits: Limits;
  readonly disabled: boolean;
  readonly onRemove: (item: Item) => void;
  readonly onRetry: (item: Item) => void;
}

/** What goes along as a file. An image in the text is listed only while it is under way or has failed. */
export function FileList({ items, limits, disabled, onRemove, onRetry }: Props) {
  const listed = items.filter(({ inline, state }) => !inline || state !== 'done');
  if (listed.length === 0) return null;
  return (
    <section aria-label={WORDS.fileList} className="files">
      <ul>
        {listed.map((item) => (
          <li key={item.key} className={`file ${item.state}`}>
            {item.state === 'sending' ? <Spinner /> : <Icon name={item.state === 'failed' ? 'status-warning' : 'file'} />}
            <bdi className="file-name" title={shown(item.filename)}>
              {shown(item.filename)}
            </bdi>
            <span className="quiet file-size">{megabytes(item.size)}</span>
            {item.state === 'sending' && (
              <>
                <progress max={1} value={item.progress} aria-label={WORDS.file.uploading(shown(item.filename))} />
                <span className="quiet count">{WORDS.file.progress(Math.round(item.progress * 100))}</span>
              </>
            )}
            {item.state === 'failed' && (
              <span className="file-trouble" role="alert">
                {WORDS.file.failed} {shown(item.trouble)}{' '}
                <button type="button" className="bare link" onClick={() => onRetry(item)}>
                  {WORDS.file.again}
                </button>
              </span>
            )}
            <button
              type="button"
              className="token-remove"
              disabled={disabled}
              aria-label={WORDS.remove(shown(item.filename))}
              onClick={() => onRemove(item)}
            >
              <Icon name="close" size="small" />
            </button>
          </li>
        ))}
      </ul>
      <p className="quiet small">{WORDS.used(...counted(items), megabytes(total(items)), megabytes(limits.total))}</p>
    </section>
  );
}
